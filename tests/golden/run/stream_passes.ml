# Passes over an axis one after the other, members under guards of their own and counts beside sums give what they give alone. More
# places than a block has, rows without any place, and rows that differ in their bounds only.
fn wave(n: int, m: int) -> f32[n, m] {
    out[i, j] = f32(sin(1.7 * i + 0.9 * j + 0.03 * i * j))
}
fn entropy(q: f32[T, D], k: f32[S, D]) -> f32[T] {
    let p[i, j] = softmax[j | j < 40 * i](sum[d](q[i, d] * k[j, d]))
    out[i] = -sum[j | j < 40 * i](p[i, j] * log(p[i, j]))
}
fn likely(q: f32[T, D], k: f32[S, D]) -> f32[T] {
    let p[i, j] = softmax[j](sum[d](q[i, d] * k[j, d]))
    let m[i] = max[j](p[i, j])
    let r[i, j] = softmax[j | p[i, j] >= 0.5 * m[i]](sum[d](q[i, d] * k[j, d]))
    out[i] = sum[j](r[i, j] * k[j, 0])
}
fn every_third(q: f32[T, D], k: f32[S, D]) -> f32[T] {
    let p[i, j] = softmax[j | j <= 30 * i](sum[d](q[i, d] * k[j, d]))
    out[i] = sum[j | j <= 30 * i and (i + j) % 3 == 0](p[i, j] * k[j, 1])
}
fn told(q: f32[T, D], k: f32[S, D]) -> (f32, f32, int) where T >= 1, S >= 8 {
    let z[t, v] = sum[d](q[t, d] * k[v, d])
    let above[t] = count[v](z[t, v] > z[t, 7])
    (mean[t](logsumexp[v](z[t, v]) - z[t, t % S]), mean[t](if argmax[v](z[t, v]) % 2 == 0 { 1.0 } else { 0.0 }), sum[t](above[t]))
}
fn both_ways(a: f32[N, D], b: f32[N, D]) -> f32 where N >= 1 {
    let s[i, j] = sum[d](a[i, d] * b[j, d])
    mean[i](logsumexp[j](s[i, j]) - s[i, i]) + mean[j](logsumexp[i](s[i, j]) - s[j, j])
}
fn pairs(a: f32[N, D], b: f32[M, D]) -> f32 = sum(softplus(a @ b.T)) / (N * M)
fn hardest(a: f32[N, D]) -> f32 where N >= 1 {
    let far[i, j] = sum[e]((a[i, e] - a[j, e]) ^ 2)
    mean[i](max[j | (i - j) % 3 == 0](far[i, j]) - min[j | (i - j) % 3 != 0](far[i, j]))
}
fn bounds(b: f32[M], h: f32[N]) -> f32[N] {
    let x[i: N, j: M] = b[j]
    let m[i] = max(max[j | j < i](x[i, j]), -3.0)
    out[i] = sum[j | j < i](exp(x[i, j] - m[i])) + h[i]
}
fn columns(q: f32[T, D], k: f32[S, D]) -> f32 = max(sum(softmax(q @ k.T, axis: 1), axis: 0))

let q = wave(9, 4)
let k = wave(300, 4)
print(entropy(q, k))
print(likely(q, k))
print(every_third(q, k))
print(told(q, k))
print(both_ways(k, wave(300, 4) * 0.5), pairs(q, k), hardest(k), columns(q, k))
print(bounds(k[0], q[0]), bounds([0.5, -1.0, 2.0], [0.0, 0.0, 0.0, 0.0, 0.0]))
# > [-0.0, 3.041, 4.179, ..., 5.022, 5.263, 5.181]
# > [0.4285, 0.8319, -0.5355, ..., -0.6498, -0.5119, 0.7707]
# > [0.7833, 0.1618, -0.07633, ..., -0.1489, 0.0562, 0.1397]
# > (4.143, 0.5556, 1309)
# > 9.666 0.7991 9.28 0.06601
# > [0.0, 1.783, 2.431, 2.632] [0.0, 1.0, 1.223, 1.273, 1.273]
