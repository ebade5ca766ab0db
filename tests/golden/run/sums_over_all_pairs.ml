## Sums and maxima over the pairs of all heads, with and without a guard, and weights of heads; linear attention with a denominator of its own.
fn weighted(q: f32[H, T, D], k: f32[H, S, D], w: f32[H]) -> (f32, f32, f32) {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    (sum[h, i, j](w[h] * sigmoid(s[h, i, j])), max[h, i, j](w[h] * s[h, i, j]), sum[h, i, j | j <= i](exp(s[h, i, j])))
}
fn linear(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let fq[h, i, d] = elu(q[h, i, d]) + 1.0
    let fk[h, j, d] = elu(k[h, j, d]) + 1.0
    let s[h, i, j] = sum[d](fq[h, i, d] * fk[h, j, d])
    let z[h, i] = sum[j | j <= i](s[h, i, j])
    out[h, i, d] = sum[j | j <= i](s[h, i, j] * v[h, j, d]) / z[h, i]
}
let q[h: 3, i: 290, d: 4] = f32((h * 7 + d * 3 + i * 5) % 23) * 0.1 - 1.0
let k[h: 3, j: 290, d: 4] = f32((h * 5 + d * 13 + j * 2) % 17) / 9.0 - 1.0
let (a, b, c) = weighted(q, k[:, :270], [0.5, -1.0, 2.0])
print(a, b, c)
let none: f32[3, 0, 4] = 0
let (a0, b0, c0) = weighted(none, k, [0.5, -1.0, 2.0])
print(a0, b0, c0)
let o = linear(q, k, k)
print(o[:, 289, 0], o[1, 0], sum(o))
# > 5.813e+04 2.933 1.55e+05
# > 0.0 -inf 0.0
# > [-0.05722, -0.1349, -0.1269] [-0.4444, -0.8889, 0.5556, 0.1111] -339.2
