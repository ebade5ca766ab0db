fn wide(x: float) -> float = 2 * x
fn drawn(x: float, key: Key) -> float {
    let u ~ uniform(0, x, key: key)
    u
}
fn f(k: Key) -> f32 {
    let a ~ wide(1, key: k)             # error[E0207]: behind '~' stands a distribution
    let b ~ drawn(1, k)                 # error[E0205]: needs its key
    let c ~ drawn(1, seed: 2, key: k)   # error[E0205]: has no parameter 'seed'
    a + b + c
}
