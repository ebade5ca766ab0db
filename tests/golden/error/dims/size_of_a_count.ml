fn positive(x: f32[N]) -> f32 {
    let n = count[i](x[i] > 0)
    let y[i: n] = x[i] # error[E0306]: this size depends on what the function computes
    sum(y)
}
