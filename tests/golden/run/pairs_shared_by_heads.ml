# What pairs have in common for all heads, an elementary function, is computed once for them, beside scores of each head.
# long
fn wave(i: int, j: int) -> f32 = f32((i * 37 + j * 11) % 101 - 50) / 40
fn fire(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: f32[M], b: f32[M], u: f32[H, M], c: f32, r: f32) -> f32[H, T, D] {
    let far[i: T, j: T] = log1p(c * max(f32(i - j), 0)) / log1p(c * max(f32(i), r))
    let bias[h, i, j] = sum[m](u[h, m] * relu(w[m] * far[i, j] + b[m]))
    let p[h, i, j] = softmax[j | j <= i](sum[d](q[h, i, d] * k[h, j, d]) + bias[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn warped(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], a: f32[T], u: f32[H]) -> f32[H, T, D] {
    let far[i: T, j: T] = tanh(a[i] - 2 * a[j])
    let p[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[h, j, d]) + u[h] * far[i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
let q[h: 3, t: 300, d: 8] = wave(t + h, d)
let k[h: 3, t: 300, d: 8] = wave(t - h, 3 * d)
let w[m: 6] = wave(m, 2)
let u[h: 3, m: 6] = wave(m, h)
let a[t: 300] = wave(t, 1)
let f = fire(q, k, q, w, w, u, 0.1, 64)
print(f[1, 299], sum(f[:, 7]), sum(f))
let g = warped(q, k, q, a, u[:, 0])
print(g[2, 299], sum(g[0]), sum(g))
# > [-0.04429, 0.2028, 0.432, ..., -0.05463, -0.5883, -0.3996] -1.099 -34.5
# > [-0.1903, 0.07493, 0.3211, ..., -0.08162, -0.4354, -0.6006] -23.89 11.24
