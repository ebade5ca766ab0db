## A draw in a function names its key.
fn f(x: f32[N]) -> f32[N] {
    let e[i: N] ~ normal(0, 1)
    x + e
}
