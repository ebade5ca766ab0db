## The length of a batch row is looked up with the index of a query.
fn f(s: f32[B, T, S], len: i32[B]) -> f32[B, T, S] {
    out[b, i, j] = softmax[j | j < len[i]](s[b, i, j])
}
