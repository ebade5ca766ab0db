struct Pair { a: f32 }
fn f(x: f32[N]) -> f32[N] {
    out[i] = Pair[i](x[i]) # error[E0207]: a type cannot be indexed
}
