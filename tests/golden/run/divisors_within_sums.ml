## Factors and divisors written within the sum of a score: those of a row, of a key, of a pair, of all. Norms that are 0 though their vector is not, temperatures of
## 0, infinity and NaN give what the sum gives, and none where there are no features. A row alone has the bits of the row among others.
fn cosine(q: f32[T, D], k: f32[S, D]) -> (f32[T], f32[T], int[T]) {
    let nq[i] = sqrt(sum[d](q[i, d] ^ 2))
    let nk[j] = sqrt(sum[d](k[j, d] ^ 2))
    let s[i, j] = sum[d](q[i, d] / nq[i] * k[j, d] / nk[j])
    let m[i] = max[j | j % 50 != 0 or i == 1](s[i, j])
    let z[i] = sum[j | j % 50 != 0 or i == 1](exp(s[i, j] - m[i]))
    let a[i] = argmax[j](s[i, j])
    (m, z, a)
}
fn cooled(q: f32[H, T, D], k: f32[S, D], v: f32[S, E], t: f32[T]) -> f32[H, T, E] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[j, d] / t[i] * 0.5)
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j])
    out[h, i, e] = sum[j](p[h, i, j] * v[j, e])
}
fn pairs(q: f32[T, D], k: f32[S, D], w: f32[T], u: f32[S]) -> f32[T] {
    let s[i, j] = sum[d]((q[i, d] - k[j, d]) ^ 2 / (w[i] * u[j])) * u[j]
    out[i] = logsumexp[j](-s[i, j])
}
fn loss(x: f32[N, D], y: f32[N, D], t: f32) -> f32 {
    let s[i, j] = sum[d](x[i, d] * y[j, d] / t)
    let a[i] = logsumexp[j](s[i, j])
    let b[j] = logsumexp[i](s[i, j])
    mean[i](a[i] + b[i] - 2.0 * s[i, i])
}

let q[i: 140, d: 6] = f32((d * 3 + i * 5) % 23) * 0.1 - 1.0
let k[j: 300, d: 6] = (f32((d * 13 + j * 2) % 17) / 9.0 - 1.0) * (if j % 50 == 0 { 1e-30 } else { 1.0 })
let (m, z, a) = cosine(q, k)
print(m[:3], z[:3], a[:3], m[139], z[139])
let (m1, z1, a1) = cosine(q[7:8], k)
print(m1[0] - m[7], z1[0] - z[7], a1[0] - a[7])
let heads[h: 2, i, d] = q[i, d] * f32(h + 1)
let t: f32[5] = [0.0, inf, nan, -0.5, 1.0]
let c = cooled(heads[:, :5], k, k, t)
print(c[1])
let many[i: 140] = t[if i < 5 { i } else { 3 + i % 2 }]
print(cooled(heads, k, k, many)[1, :6, 0])
print(sum(cooled(heads, k, k, many)[:, 5:]))
let none: f32[2, 5, 0] = 0
let nowhere: f32[300, 0] = 0
print(cooled(none, nowhere, k, t)[1, 4])
let w[i: 140] = if i == 2 { 0.0 } else { 0.5 + i * 0.1 }
let u[j: 300] = if j == 250 { 0.0 } else { 1.0 + (j % 3) * 0.25 }
let p = pairs(q, k, w, u)
print(p[:4], p[139])
let u1[j: 300] = 1.0 + (j % 3) * 0.25
let p1 = pairs(q, k, w, u1)
print(p1[:4], p1[139])
print(loss(q, q, 0.7), loss(q, q, 0.0))
# > [0.3779, nan, 0.3882] [225.4, nan, 193.6] [0, 0, 0] 0.2415 217.8
# > 0.0 0.0 0
# > [[nan, nan, nan, nan, nan, nan],
# >  [-0.3889, 0.3333, 0.1111, -0.1111, -0.3333, 0.3889],
# >  [nan, nan, nan, nan, nan, nan],
# >  [-0.3374, -0.5122, 0.3495, 0.0442, -0.2611, -0.4359],
# >  [-0.2379, -0.5063, -0.2492, 0.2163, -0.147, -0.4155]]
# > [nan, -0.3889, nan, -0.3374, -0.2379, -0.3023]
# > -192.9
# > [-0.3556, -0.3333, 0.06667, 0.08889, -0.2667, -0.2444]
# > [nan, nan, nan, nan] nan
# > [-0.1821, 0.03237, nan, 0.5852] 5.421
# > 6.382 nan
