## Heads that share keys and values in groups of three, the last group smaller; slopes and windows of each head; a result spread over an axis that
## its stream does not need.
# long
fn thirds(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h // 3, j, d])
    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h // 3, j, d])
}
fn spread(x: f32[B, D], w: f32[V, D], y: f32[C]) -> f32[B, C] {
    let s[b, v] = sum[d](x[b, d] * w[v, d])
    let l[b] = logsumexp[v](s[b, v])
    out[b, c] = l[b] * y[c]
}
fn slopes(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D], a: f32[H]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h // 3, j, d]) - a[h] * f32(i + S - T - j)
    let p[h, i, j] = softmax[j | j <= i + S - T and j > i + S - T - 300 - 9 * h](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h // 3, j, d])
}
let q[h: 5, i: 70, d: 9] = f32((h * 7 + d * 3 + i * 5) % 23) * 0.1 - 1.0
let k[h: 2, j: 777, d: 9] = f32((h * 5 + d * 13 + j * 2) % 17) / 9.0 - 1.0
let v[h: 2, j: 777, d: 9] = f32((h * 5 + d * 13 + j * 7) % 19) / 9.0 - 1.0
let o = thirds(q, k, v)
let a[h: 5] = f32(h) * 0.01
let z = slopes(q, k, v, a)
print(o[:, 69, 3], o[:, 0, 2], sum[h, i, d](o[h, i, d] * f32(i % 7) * f32(h + 1)))
# > [0.002677, -0.0001247, -0.004001, -0.0005589, -0.002402] [0.002007, 0.0006705, 0.001026, 0.007229, -0.006933] -2.583
print(z[:, 69, 3], z[:, 0, 2], sum[h, i, d](z[h, i, d] * f32(i % 7) * f32(h + 1)))
# > [0.00222, 0.004058, 0.005697, 0.05779, -0.08946] [0.00133, -0.01494, 0.01372, 0.07233, -0.04707] 33.57
let x[b: 70, d: 5] = f32((b * 7 + d * 3) % 11) * 0.5
let w[j: 700, d: 5] = f32((j * 5 + d * 13) % 17) / 9.0 - 1.0
let y[c: 33] = f32(c) * 0.1
let r = spread(x, w, y)
print(r[0, 5], r[69, 32], sum[b, c](r[b, c] * f32(b % 5)))
# > 3.653 22.47 5.666e+04
