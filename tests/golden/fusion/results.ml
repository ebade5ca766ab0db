# What a row gives beside its result, and what is made of a result, is never scores of rows x places.
# never: f32[H, T, S] stored
# never: f32[B, H, N, N] stored
# never: f32[B, T, V] stored
# The log-sum-exp is a result, and weights are written with it: both are a pass, over one kernel.
export fn flash(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, E]) -> (f32[H, T, E], f32[H, T]) {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let z[h, i] = logsumexp[j | j <= i](s[h, i, j])
    let o[h, i, e] = sum[j | j <= i](exp(s[h, i, j] - z[h, i]) * v[h, j, e])
    (o, z)
}
# What is 0 outside of a condition is guarded by it.
export fn chosen(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, E]) -> f32[H, T, E] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let z[h, i] = logsumexp[j | j <= i](s[h, i, j])
    out[h, i, e] = sum[j](if j <= i { exp(s[h, i, j] - z[h, i]) * v[h, j, e] } else { 0.0 })
}
# A gate on each head, then a linear layer: the attention is the pass.
export fn gated(q: f32[B, N, H, D], k: f32[B, N, H, D], v: f32[B, N, H, D], gate: f32[B, N, H], wo: f32[H, D, M]) -> f32[B, N, M] {
    let s[b, h, i, j] = sum[d](q[b, i, h, d] * k[b, j, h, d]) / sqrt(D)
    let p[b, h, i, j] = softmax[j | j <= i](s[b, h, i, j])
    let o[b, i, h, d] = sum[j](p[b, h, i, j] * v[b, j, h, d]) * sigmoid(gate[b, i, h])
    out[b, i, m] = sum[h, d](o[b, i, h, d] * wo[h, d, m])
}
# A count with a name may be a size; it is no less a sum over rows.
export fn counted(x: f32[B, T, D], w: f32[V, D], y: i32[B, T]) -> (f32, f32) where V >= 1 {
    let z[b, t, v] = sum[d](x[b, t, d] * w[v, d])
    let n = max(count[b, t](y[b, t] >= 0), 1)
    let nll = sum[b, t | y[b, t] >= 0](logsumexp[v](z[b, t, v]) - z[b, t, max(y[b, t], 0)]) / n
    let hit = count[b, t | y[b, t] >= 0](argmax[v](z[b, t, v]) == y[b, t])
    (nll, f32(hit) / f32(n))
}
# > flash (results.ml:6:1)
# >       loops: stream[j: S within bounds] (max, sum)
# >       loops: stream[j: S within bounds] (max, sum, sum)
# > chosen (results.ml:13:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)
# > gated (results.ml:19:1)
# >       loops: stream[j: N within bounds] (max, sum, sum)
# >       loops: contract[h: H, d: D] (sum)
# > counted (results.ml:26:1)
# >       loops: stream[v: V] (max, sum)
# >       loops: stream[v: V] (max, argmax)

# The largest weight beside a log-sum-exp that is a result, and what columns of all heads have: no pass over pairs.
export fn largest(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> (f32[H, T, D], f32[H, T], f32) {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let p[h, i, j] = softmax[j](s[h, i, j])
    let o[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
    let z[h, i] = logsumexp[j](s[h, i, j])
    (o, z, max[h, i, j](exp(s[h, i, j] - z[h, i])))
}
# > largest (results.ml:46:1)
# >   results.ml:50:5: z: f32[H, T] stored: a result
# >       loops: stream[j: S] (max, sum)
# >   results.ml:51:12: f32[H, T] stored: a pass of its own
# >       loops: stream[j: S] (max)
export fn columns(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> (f32[H, T, D], f32[S]) {
    let p[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[h, j, d]))
    let o[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
    let c[j] = mean[h, i](p[h, i, j])
    (o, c)
}
# > columns (results.ml:58:1)
# >   <library>/core.ml:5:33: f32[S, H] stored: a pass of its own
# >       loops: stream[i: T] (sum)
# >   results.ml:61:5: c: f32[S] stored: a result
