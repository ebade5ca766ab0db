## A loss over a vocabulary and its product alone. Row t has the label 7919 t mod V, so that the inputs are two matrices.
fn label(t: int, V: int) -> int where V >= 1 = t * 7919 % V

export fn logits(x: f32[T, D], w: f32[V, D]) -> f32[T, V] = x @ w.T

export fn cross_entropy(x: f32[T, D], w: f32[V, D]) -> f32[T] where V >= 1 {
    let z = x @ w.T
    let lp[t, v] = log_softmax[v](z[t, v])
    out[t] = -lp[t, label(t, V)]
}

## The log-probability of the label and the entropy, of which the sum is the result.
export fn entropy(x: f32[T, D], w: f32[V, D]) -> f32[T] where V >= 1 {
    let z = x @ w.T
    let lp[t, v] = log_softmax[v](z[t, v])
    let h[t] = -sum[v](exp(lp[t, v]) * lp[t, v])
    out[t] = lp[t, label(t, V)] + h[t]
}
