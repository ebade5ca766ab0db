# Hidden layers for each head, one vocabulary for all (mixtures of softmaxes, decoding heads): their logits are never stored whole.
# never: f32[T, K, V] stored
# never: f32[T, V] stored: its readers
# never: f32[T, V] stored: it is read
export fn mixture(x: f32[T, D], w: f32[V, D], pi: f32[T, K], p: f32[K, D, D], y: i64[T]) -> f32[T] {
    let h[t, k, d] = tanh(sum[e](x[t, e] * p[k, d, e]))
    let l[t, k, c] = sum[d](h[t, k, d] * w[c, d])
    let lp[t, k, c] = log_softmax[c](l[t, k, c])
    let g[t, k] = log_softmax[k](pi[t, k])
    out[t] = -logsumexp[k](g[t, k] + lp[t, k, y[t]])
}
export fn probabilities(x: f32[T, D], w: f32[V, D], g: f32[T, K], p: f32[K, D, D]) -> f32[T, V] {
    let h[t, k, d] = tanh(sum[e](x[t, e] * p[k, d, e]))
    let q[t, k, c] = softmax[c](sum[d](h[t, k, d] * w[c, d]))
    out[t, c] = sum[k](g[t, k] * q[t, k, c])
}
# > probabilities (heads_of_words.ml:12:1)
# >       loops: stream[c: V] (max)
export fn heads(x: f32[T, D], w: f32[V, D], p: f32[K, D, D], y: i64[T, K]) -> f32[T, K] {
    let h[t, k, d] = silu(sum[e](x[t, e] * p[k, d, e])) + x[t, d]
    let lp[t, k, c] = log_softmax[c](sum[d](h[t, k, d] * w[c, d]))
    out[t, k] = lp[t, k, y[t, k]]
}
export fn later(x: f32[T, D], w: f32[V, D], p: f32[K, D, D], y: i64[T]) -> f32 where T >= 2 {
    let h[t, k, d] = silu(sum[e](x[t, e] * p[k, d, e])) + x[t, d]
    let lp[t, k, c] = log_softmax[c](sum[d](h[t, k, d] * w[c, d]))
    -mean[t, k | t + k + 1 < T](lp[t, k, y[t + k + 1]])
}
export fn written_out(x: f32[T, D], w: f32[V, D], p: f32[K, D, D], y: i64[T]) -> f32[T, K] {
    let h[t, k, d] = tanh(sum[e](x[t, e] * p[k, d, e]))
    let l[t, k, c] = sum[d](h[t, k, d] * w[c, d])
    out[t, k] = l[t, k, y[t]] - logsumexp[c](l[t, k, c])
}
# What each head has of a word stands within the sum over heads, and may fail: by strips.
export fn equal_parts(x: f32[T, D], w: f32[V, D], p: f32[K, D, D], y: i64[T]) -> f32[T] {
    let h[t, k, d] = tanh(sum[e](x[t, e] * p[k, d, e]))
    let lp[t, k, c] = log_softmax[c](sum[d](h[t, k, d] * w[c, d]))
    out[t] = logsumexp[k](lp[t, k, y[t]])
}
# A recurrence over the labels' log-probabilities, given a name: these are stored, the words' are not.
export fn aligned(x: f32[T, D], w: f32[V, D], y: i64[M]) -> f32 where M >= 1, T >= 1 {
    let lp[t, c] = log_softmax[c](sum[d](x[t, d] * w[c, d]))
    let z[t, m] = lp[t, y[m]]
    rec a[t, m: M] = z[t, m] + (if t == 0 { if m == 0 { 0.0 } else { -inf } } else { max(a[t - 1, m] ?? -inf, a[t - 1, m - 1] ?? -inf) })
    -a[T - 1, M - 1]
}
