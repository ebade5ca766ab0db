fn noise(x: f32[N], k: Key) -> f32[N] {
    let e[i: N] ~ exp(1, key: k) # error[E0207]: behind '~' stands a distribution
    x + e
}
