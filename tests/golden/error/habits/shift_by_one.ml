## The next token of the last one.
fn loss(logits: f32[T, V], tokens: i32[T]) -> f32 {
    let lp[t, v] = log_softmax[v](logits[t, v])
    -mean[t](lp[t, tokens[t + 1]])  # warning[W0005]: where t is T - 1, this is T: outside an axis of size T
}
