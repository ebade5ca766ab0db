struct Cache(S, K) {
    key: f32[S, K] = 0
    len: int = 0
}
fn first(c: Cache(S, 64)) -> f32[64] where S >= 1 = c.key[0]
fn f(c: Cache(S, 32)) -> f32[64] where S >= 1 = first(c) # error[E0203]: sizes
