# The weight at a place that was found among the weights is computed there, and a transposed use of weights reads what their rows were reduced to:
# neither stores them.
# never: f32[N, M] stored
# never: f32[N, N] stored
# never: f32[min(N, 64)
export fn best(a: f32[N, D], b: f32[M, D]) -> f32[N, 2] where M >= 1 {
    let s[i, j] = sum[d](a[i, d] * b[j, d]) / sqrt(D)
    let r[i, j] = softmax[j](s[i, j])
    let c[i, j] = softmax[i](s[i, j])
    let p = r * c
    let at[i] = argmax[j](p[i, j])
    out[i, x] = if x == 0 { f32(at[i]) } else { p[i, at[i]] }
}
# >   found.ml:12:5: f32[N, 2] stored: a result
export fn both_ways(q: f32[N, D], k: f32[N, D], v: f32[N, D]) -> f32[N, D] {
    let p[i, j] = softmax[j](sum[d](q[i, d] * k[j, d]) / sqrt(D))
    out[i, d] = sum[j]((p[i, j] + p[j, i]) * v[j, d])
}
# >   <library>/core.ml:21:21: max: f32[N] stored: a pass of its own
# >   found.ml:17:5: f32[N, D] stored: a result
# >       loops: stream[j: N] (sum)
# Scores of an element for each node and head (a node's features times a head's vector) are a tensor of these, and maxima of cheap scores go with their pass.
export fn nodes(x: f32[N, H, D], a: f32[H, D], b: f32[H, D]) -> f32[N, H, D] {
    let l[i, h] = sum[d](a[h, d] * x[i, h, d])
    let r[j, h] = sum[d](b[h, d] * x[j, h, d])
    let p[i, j, h] = softmax[j](l[i, h] + r[j, h])
    out[i, h, d] = sum[j](p[i, j, h] * x[j, h, d])
}
# >       loops: stream[j: N] (max, sum, sum)
# >   threads: 4 kernels in 1 region, 2 barriers within it
# What an attention gives is pooled over its rows, and central moments under its weights: no weights are stored, and none is computed for each column.
# never: T, S] stored
export fn pooled(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, D] {
    let p[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[h, j, d]))
    let o[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
    out[h, d] = max[i](o[h, i, d])
}
# >   found.ml:35:5: o: f32[H, T, D] stored: a pass of its own
export fn spread(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let p[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[h, j, d]))
    let m[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
    out[h, i, d] = sum[j](p[h, i, j] * (v[h, j, d] - m[h, i, d]) ^ 2)
}
# >   <library>/core.ml:22:9: f32[H, T] stored: a pass of its own
# >   found.ml:41:22: f32[H, T, D] stored: a pass of its own
# Of what an attention gives the element is read: it is stored, as a pass of its own.
export fn read(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> f32[T] where E >= 1 {
    let p[i, j] = softmax[j](sum[d](q[i, d] * k[j, d]))
    let o[i, e] = sum[j](p[i, j] * v[j, e])
    let at[i] = argmax[e](o[i, e])
    out[i] = o[i, at[i]]
}
# >       loops: stream[j: S] (max, sum, sum)
