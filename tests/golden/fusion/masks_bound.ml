# A guard, a small number, and a condition that is no bound are no masks that a guard would make shorter.
export fn guarded(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) + (if j <= i { 0 } else { -1 })
    let p[i, j] = softmax[j | j <= i + 3](s[i, j])
    out[i, e] = sum[j](p[i, j] * v[j, e])
}
export fn documents(q: f32[T, D], k: f32[T, D], v: f32[T, E], doc: i32[T]) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) + (if doc[i] == doc[j] { 0 } else { -inf })
    let p[i, j] = softmax[j](s[i, j])
    out[i, e] = sum[j](p[i, j] * v[j, e])
}
# > documents (masks_bound.ml:7:1)
# never: masked
# Weights read from the other end: their guard is a bound there, too.
export fn other_end(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, S - 1 - j] * v[h, j, d])
}
# > other_end (masks_bound.ml:15:1)
# >       loops: stream[j: S within bounds] (max, sum)
# >       loops: stream[j: S within bounds] (sum)

# A key that is computed for each token (the expert that a layer chooses) and compared in the guard is a pass of its own, and so is the attention.
export fn routed(x: f32[T, D], w: f32[D, E], v: f32[T, D]) -> f32[T, D] {
    let e[t] = argmax[n: E](sum[d](x[t, d] * w[d, n]))
    let p[i, j] = softmax[j | e[i] == e[j] and j <= i](sum[d](x[i, d] * x[j, d]) / sqrt(D))
    out[i, d] = sum[j](p[i, j] * v[j, d])
}
# > routed (masks_bound.ml:25:1)
# >       loops: stream[n: E] (max, argmax)
# >       loops: stream[j: T within bounds] (max, sum, sum)
