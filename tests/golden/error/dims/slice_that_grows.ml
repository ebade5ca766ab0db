fn f(x: f32[N]) -> f32 {
    var s: f32 = 0
    for i in 0..N { s += max(x[:i]) } # error[E0306]: this size depends on what the function computes
    s
}
