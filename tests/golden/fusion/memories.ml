# Two memories with one maximum, written out: the scores of neither are computed anew for each column of the values.
export fn two(q: f32[T, D], k: f32[T, D], v: f32[T, E], old: f32[P, D], older: f32[P, E]) -> f32[T, E] {
    let a[i, j: P] = sum[d](q[i, d] * old[j, d])
    let b[i, j: T] = sum[d](q[i, d] * k[j, d])
    let m[i] = max(max[j](a[i, j]), max[j | j <= i](b[i, j]))
    let z[i] = sum[j](exp(a[i, j] - m[i])) + sum[j | j <= i](exp(b[i, j] - m[i]))
    out[i, e] = (sum[j](exp(a[i, j] - m[i]) * older[j, e]) + sum[j | j <= i](exp(b[i, j] - m[i]) * v[j, e])) / z[i]
}
# > two (memories.ml:2:1)
# >   memories.ml:3:5: a: f32[min(T, 64), P] stored: its readers ask for each element several times
# >   memories.ml:4:5: b: f32[min(T, 64), T] stored: its readers ask for each element several times

# Attention over means of blocks beside one over near places, and entropies over two vocabularies: a pass over each axis.
export fn blocks_and_near(q: f32[T, D], k: f32[T, D], v: f32[T, D], kc: f32[N, D], vc: f32[N, D], g: f32[T]) -> f32[T, D] {
    let far[i, n] = softmax[n | n * 32 + 31 <= i](sum[d](q[i, d] * kc[n, d]))
    let near[i, j] = softmax[j | i - 64 < j <= i](sum[d](q[i, d] * k[j, d]))
    out[i, d] = sigmoid(g[i]) * sum[n](far[i, n] * vc[n, d]) + sum[j](near[i, j] * v[j, d])
}
# > blocks_and_near (memories.ml:14:1)
# >       loops: stream[n: N within bounds] (max, sum, sum)
# >   memories.ml:17:5: f32[T, D] stored: a result
# >       loops: stream[j: T within bounds] (max, sum, sum)

export fn entropies(q: f32[T, D], k: f32[S, D], old: f32[P, D]) -> f32[T] {
    let a[i, j] = log_softmax[j](sum[d](q[i, d] * k[j, d]))
    let b[i, j] = log_softmax[j](sum[d](q[i, d] * old[j, d]))
    out[i] = -sum[j](exp(a[i, j]) * a[i, j]) - sum[j](exp(b[i, j]) * b[i, j])
}
# > entropies (memories.ml:24:1)
# >       loops: stream[j: S] (max, sum, sum)
# >       loops: stream[j: P] (max, sum, sum)
# never: f32[T, N] stored
# never: f32[T, S] stored

# A few more places behind the scores, which go again behind the softmax: a pass over the many, whose mask is a bound.
# never: f32[H, min(T, 64), S] stored
export fn sinks(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], sink: f32[H]) -> f32[H, T, D] {
    let s[h, i, j] = if j <= i + S - T { sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D) } else { -inf }
    let extra[h, i: T, o: 1] = sink[h]
    let w = softmax(concat(s, extra, axis: -1), axis: -1)
    let p = w[:, :, :S]
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > sinks (memories.ml:37:1)
# >       loops: stream[i: S within bounds] (max, sum, sum)
export fn in_front(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], sink: f32[H]) -> f32[H, T, D] {
    let s[h, i, j] = if j <= i { sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D) } else { -inf }
    let extra[h, i: T, o: 1] = sink[h]
    let w = softmax(concat(extra, s, axis: -1), axis: -1)
    let p = w[:, :, 1:]
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > in_front (memories.ml:46:1)
# >       loops: stream[i: T within bounds] (max, sum, sum)
