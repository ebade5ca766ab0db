## T rows are written to one place of a cache.
struct Cache(S, D) {
    key: f32[S, D] = 0
    len: int = 0
}
fn push(var c: Cache(S, D), k: f32[T, D]) {
    c.key[c.len] = k
    c.len += T
}
