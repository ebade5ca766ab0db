fn noise(x: f32[N]) -> f32[N] {
    let e[i: N] ~ normal(0, 1) # error[E0205]: key
    x + e
}
