# Attention with keys in other orders and with scores that are mixed over heads: the same numbers, and a query alone has the bits that it has among others.
let q[h: 4, t: 21, d: 18] ~ normal(0, 1, key: key(1))
let k[h: 2, j: 300, d: 18] ~ normal(0, 1, key: key(2))
let v[h: 2, j: 300, e: 20] ~ normal(0, 1, key: key(3))
let mix[h: 4, g: 4] ~ normal(0, 1, key: key(4))

fn plain(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, E]) -> f32[H, T, E] {
    let p[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[h // (H / G), j, d]) / sqrt(D))
    out[h, i, e] = sum[j](p[h, i, j] * v[h // (H / G), j, e])
}
fn transposed(q: f32[H, T, D], k: f32[G, D, S], v: f32[G, S, E]) -> f32[H, T, E] {
    let p[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[h // (H / G), d, j]) / sqrt(D))
    out[h, i, e] = sum[j](p[h, i, j] * v[h // (H / G), j, e])
}
fn between(q: f32[H, T, D], k: f32[S, D, G], v: f32[G, S, E]) -> f32[H, T, E] {
    let p[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[j, d, h // (H / G)]) / sqrt(D))
    out[h, i, e] = sum[j](p[h, i, j] * v[h // (H / G), j, e])
}
fn gates(q: f32[H, T, D], k: f32[G, D, S], v: f32[G, S, E]) -> f32[H, T, E] {
    let p[h, i, j] = sigmoid(sum[d](q[h, i, d] * k[h // (H / G), d, j]))
    out[h, i, e] = sum[j](p[h, i, j] * v[h // (H / G), j, e])
}
fn mixed(q: f32[H, T, D], k: f32[G, D, S], v: f32[G, S, E], mix: f32[H, H]) -> f32[H, T, E] {
    let a[g: H, i, j] = sum[d](q[g, i, d] * k[g // (H / G), d, j])
    let p[h, i, j] = softmax[j](sum[g](mix[h, g] * a[g, i, j]))
    let w[h: H, i, j] = p[h, i, j] + sum[g](mix[g, h] * p[g, i, j])
    out[h, i, e] = sum[j](w[h, i, j] * v[h // (H / G), j, e])
}
fn same(x: f32[A, B, C], y: f32[A, B, C]) -> bool = all[a, b, c](abs(x[a, b, c] - y[a, b, c]) <= 0)

let columns[h: 2, d: 18, j: 300] = k[h, j, d]
let apart[j: 300, d: 18, h: 2] = k[h, j, d]
let last[h: 4, t: 1, d: 18] = q[h, 20, d]
let a = plain(q, k, v)
let g = gates(q, columns, v)
let m = mixed(q, columns, v, mix)
print(same(a, transposed(q, columns, v)), same(a, between(q, apart, v)))
# > true true
print(a[3, 20, 19], g[1, 2, 3], m[2, 12, 7], sum(g), sum(m))
# > 0.002652 10.37 1.707 2315.0 -21.13
let ga[h: 4, t: 1, e: 20] = g[h, 20, e]
let ma[h: 4, t: 1, e: 20] = m[h, 20, e]
print(same(ga, gates(last, columns, v)), same(ma, mixed(last, columns, v, mix)))
# > true true
