# Weights of heads that are compared with one another over all pairs: 64 rows of them at a time, beside whatever else is made of them.
# never: f32[H, T, S] stored
# never: f32[G, T, S] stored
# never: f32[B, H, T, S] stored
# never: f32[T, S] stored
export fn products(q: f32[H, T, D], k: f32[H, S, D]) -> f32[H, H] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let p[h, i, j] = softmax[j](s[h, i, j])
    let n[h] = sqrt(sum[i, j](p[h, i, j] ^ 2))
    out[h, g] = sum[i, j](p[h, i, j] * p[g, i, j]) / (n[h] * n[g])
}
# > products (compared.ml:6:1)
# >       loops: stream[j: S] (sum)
# >   compared.ml:8:5: p: f32[H, min(T, 256), S] stored: its readers ask for each element several times
# >   compared.ml:10:17: f32[H, H, min(T, 256)] stored: its loops would run inside another reduction
export fn beside(q: f32[B, H, T, D], k: f32[B, H, S, D], v: f32[B, H, S, D]) -> (f32[B, H, T, D], f32) {
    let s[b, h, i, j] = sum[d](q[b, h, i, d] * k[b, h, j, d])
    let p[b, h, i, j] = softmax[j | j <= i](s[b, h, i, j])
    let o[b, h, i, d] = sum[j](p[b, h, i, j] * v[b, h, j, d])
    (o, mean[b](sum[h, g, i, j | h != g](p[b, h, i, j] * p[b, g, i, j])))
}
# > beside (compared.ml:16:1)
# >   compared.ml:19:5: o: f32[B, H, T, D] stored: a result
# >       loops: stream[j: S within bounds] (max, sum, sum)
# >   compared.ml:18:5: p: f32[B, H, min(T, 64), S] stored: its readers ask for each element several times
export fn mean_of_heads(q: f32[H, T, D], k: f32[H, S, D]) -> f32 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let p[h, i, j] = softmax[j](s[h, i, j])
    let m[i, j] = mean[h](p[h, i, j])
    sum[h, i, j]((p[h, i, j] - m[i, j]) ^ 2)
}
# > mean_of_heads (compared.ml:26:1)
# >   compared.ml:29:5: m: f32[min(T, 64), S] stored: its readers ask for each element several times
export fn divergences(q: f32[H, T, D], k: f32[H, S, D]) -> f32 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let l[h, i, j] = log_softmax[j](s[h, i, j])
    sum[h, g, i, j](exp(l[h, i, j]) * (l[h, i, j] - l[g, i, j]))
}
export fn rows(q: f32[H, T, D], k: f32[H, S, D]) -> f32[T, H, H] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let p[h, i, j] = softmax[j](s[h, i, j])
    out[i, h, g] = sum[j](abs(p[h, i, j] - p[g, i, j]))
}
# Kernels of several layers.
export fn kernels(x: f32[L, T, D]) -> f32[L, L] {
    let k[l, i, j] = exp(-sum[d]((x[l, i, d] - x[l, j, d]) ^ 2))
    out[l, m] = sum[i, j](k[l, i, j] * k[m, i, j])
}
# Another network's heads: logarithms and weights of both are needed for the same rows.
export fn taught(q: f32[H, T, D], k: f32[H, S, D], u: f32[G, T, D], v: f32[G, S, D]) -> f32[H, G] {
    let p[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[h, j, d]))
    let r[g, i, j] = softmax[j](sum[d](u[g, i, d] * v[g, j, d]))
    out[h, g] = sum[i, j](r[g, i, j] * (log(r[g, i, j]) - log(p[h, i, j])))
}
