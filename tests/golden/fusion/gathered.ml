# Rows that a table tells, of scores and of the weights behind a softmax: computed where they are read, one head or several, and nothing is stored.
# never: f32[T, S] stored
# never: f32[H, T, S] stored
# never: f32[N, S] stored
# never: f32[H, N, S] stored
export fn chosen(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], at: i64[N]) -> f32[H, N, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j])
    out[h, n, d] = sum[j](p[h, at[n], j] * v[h, j, d])
}
# > chosen (gathered.ml:6:1)
# >   gathered.ml:8:5: p: f32[H, T, S] streamed: computed block by block in one pass over the axis that its reader reduces
# >       loops: stream[j: S within bounds] (max, sum, sum)
export fn both(q: f32[T, D], k: f32[S, D], v: f32[S, D], at: i64[N], with: i64[N]) -> f32[N, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j](s[i, j])
    out[n, d] = sum[j](p[at[n], j] * p[with[n], j] * v[j, d])
}
export fn compared(q: f32[T, D], k: f32[S, D], at: i64[T]) -> f32[T] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let lp[i, j] = log_softmax[j](s[i, j])
    out[i] = sum[j](exp(lp[i, j]) * (lp[i, j] - lp[at[i], j]))
}
export fn mixed(q: f32[T, D], k: f32[S, D], v: f32[S, D], w: f32[40], at: i64[N, 40]) -> f32[N, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let c[n, j] = sum[a](w[a] * s[at[n, a], j])
    let p[n, j] = softmax[j](c[n, j])
    out[n, d] = sum[j](p[n, j] * v[j, d])
}
export fn behind(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], w: f32[4], at: i64[T, 4]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let p[h, i, j] = softmax[j](s[h, i, j])
    let c[h, i, j] = sum[a](w[a] * p[h, at[i, a], j])
    out[h, i, d] = sum[j](c[h, i, j] * v[h, j, d])
}
# > behind (gathered.ml:30:1)
# >   gathered.ml:31:5: s: f32[H, min(T, 64), S] stored: it has several readers
# >       loops: stream[j: S] (sum)
export fn shared(q: f32[H, T, D], k: f32[S, D], v: f32[S, D], at: i64[T, 4]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[j, d])
    let c[h, i, j] = max[a](s[h, at[i, a], j])
    let p[h, i, j] = softmax[j](c[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[j, d])
}
# A layer's rows that a graph's neighbours read, normed by row: no maximum and no exponential says that its places are many.
export fn graph(x: f32[T, D], w: f32[D, E], at: i64[T, A], u: f32[E, F]) -> f32[T, F] where A >= 1 {
    let y[t, e] = sum[d](x[t, d] * w[d, e])
    let z[t, e] = mean[a](y[at[t, a], e])
    let m[t] = mean[e](z[t, e])
    let n[t] = mean[e]((z[t, e] - m[t]) ^ 2)
    out[t, f] = sum[e](max((z[t, e] - m[t]) * rsqrt(n[t] + 0.00001), 0.0) * u[e, f])
}
# > graph (gathered.ml:46:1)
# >   gathered.ml:47:5: y: f32[T, E] stored: its readers ask for each element several times
# Summed over the rows, gradients of values and keys; rows that are repeated; places before rows; the nearest of the nearest.
export fn backward(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], g: f32[H, N, D], at: i64[N]) -> (f32[H, S, D], f32[H, S, D]) {
    let p[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[h, j, d]))
    let dv[h, j, d] = sum[n](p[h, at[n], j] * g[h, n, d])
    let o[h, n, d] = sum[j](p[h, at[n], j] * v[h, j, d])
    let r[h, n] = sum[d](o[h, n, d] * g[h, n, d])
    let ds[h, n, j] = p[h, at[n], j] * (sum[d](g[h, n, d] * v[h, j, d]) - r[h, n])
    let dk[h, j, d] = sum[n](ds[h, n, j] * q[h, at[n], d])
    (dv, dk)
}
# > backward (gathered.ml:56:1)
# >       loops: stream[n: N] (sum)
# >       loops: stream[n: N] (sum)
export fn repeated(q: f32[T, D], k: f32[S, D], v: f32[S, D]) -> f32[2 * T, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[n: 2 * T, j] = softmax[j](s[n // 2, j])
    out[n, d] = sum[j](p[n, j] * v[j, d])
}
export fn turned(q: f32[T, D], k: f32[S, D], v: f32[S, D], at: i64[N]) -> f32[N, D] {
    let s[j, i] = sum[d](k[j, d] * q[i, d])
    let p[j, i] = softmax[j](s[j, i])
    out[n, d] = sum[j](p[j, at[n]] * v[j, d])
}
# never: f32[S, T] stored
# never: f32[T, 2, S] stored
export fn mutual(x: f32[T, D], y: f32[S, D]) -> bool[T] where S >= 1 {
    let s[i, j] = sum[d](x[i, d] * y[j, d])
    let a[i] = argmax[j](s[i, j])
    let b[j] = argmax[i](s[i, j])
    out[i] = b[a[i]] == i
}
