## Scores that are joined along the places that are reduced: a positive in front of products with many negatives, products with two and three sets of keys,
## sums that have nothing in common; of many rows and of few, and of parts without a place. Each beside the same from its parts.
fn nce(a: f32[N, D], b: f32[N, D], queue: f32[M, D], tau: f32) -> f32[N] {
    let pos[n, o: 1] = sum[d](a[n, d] * b[n, d])
    let neg = a @ queue.T
    let lp = log_softmax(concat(pos, neg, axis: -1) / tau, axis: -1)
    out[n] = lp[n, 0]
}
fn nce_parts(a: f32[N, D], b: f32[N, D], queue: f32[M, D], tau: f32) -> f32[N] {
    let pos[n] = sum[d](a[n, d] * b[n, d]) / tau
    let neg[n, j] = sum[d](a[n, d] * queue[j, d]) / tau
    out[n] = pos[n] - log(exp(pos[n]) + sum[j](exp(neg[n, j])))
}
fn pairs(a: f32[N, D], b: f32[N, D], tau: f32) -> f32[N] {
    let ab = a @ b.T / tau
    let aa[i, j] = if i == j { -1e9 } else { sum[d](a[i, d] * a[j, d]) / tau }
    let lp = log_softmax(concat(ab, aa, axis: -1), axis: -1)
    out[i: N] = lp[i, i]
}
fn pairs_parts(a: f32[N, D], b: f32[N, D], tau: f32) -> f32[N] {
    let ab[i, j] = sum[d](a[i, d] * b[j, d]) / tau
    let aa[i, j] = sum[d](a[i, d] * a[j, d]) / tau
    out[i] = ab[i, i] - log(sum[j](exp(ab[i, j])) + sum[j | j != i](exp(aa[i, j])))
}
fn memories(q: f32[N, D], k: f32[L, D], k2: f32[M, D], k3: f32[P, D], v: f32[L, D], v2: f32[M, D], v3: f32[P, D]) -> f32[N, D] {
    let p = softmax(concat(q @ k.T, q @ k2.T, q @ k3.T, axis: -1), axis: -1)
    p @ concat(v, v2, v3, axis: 0)
}
fn memories_parts(q: f32[N, D], k: f32[L, D], k2: f32[M, D], k3: f32[P, D], v: f32[L, D], v2: f32[M, D], v3: f32[P, D]) -> f32[N, D] {
    let a[n, j] = exp(sum[d](q[n, d] * k[j, d]))
    let b[n, j] = exp(sum[d](q[n, d] * k2[j, d]))
    let c[n, j] = exp(sum[d](q[n, d] * k3[j, d]))
    let z[n] = sum[j](a[n, j]) + sum[j](b[n, j]) + sum[j](c[n, j])
    out[n, d] = (sum[j](a[n, j] * v[j, d]) + sum[j](b[n, j] * v2[j, d]) + sum[j](c[n, j] * v3[j, d])) / z[n]
}
fn unlike(a: f32[N, D], c: f32[N, E], k: f32[L, D], k2: f32[M, E]) -> f32[N] = logsumexp(concat(a @ k.T, c @ k2.T * 0.5, axis: -1), axis: -1)
fn unlike_parts(a: f32[N, D], c: f32[N, E], k: f32[L, D], k2: f32[M, E]) -> f32[N] {
    out[n] = log(sum[j](exp(sum[d](a[n, d] * k[j, d]))) + sum[j](exp(0.5 * sum[d](c[n, d] * k2[j, d]))))
}
fn near(a: f32[N], b: f32[N]) -> bool = all[n](abs(a[n] - b[n]) < 0.00002)

let a[n: 20, d: 5] = f32((n * 7 + d * 3) % 23) * 0.1 - 1.0
let b[n: 20, d: 5] = f32((n * 5 + d * 13) % 17) / 9.0 - 1.0
let k[j: 300, d: 5] = f32((d * 13 + j * 7) % 19) / 9.0 - 1.0
let k2[j: 290, d: 5] = f32((d * 3 + j * 5) % 29) / 15.0 - 1.0
let v[j: 300, d: 5] = f32((d * 3 + j * 11) % 31) / 9.0 - 1.0
fn check(a: f32[N, D], b: f32[N, D], c: f32[P, D], k: f32[L, D], k2: f32[M, D], v: f32[L, D], v2: f32[M, D]) {
    print(near(nce(a, b, k, 0.7), nce_parts(a, b, k, 0.7)), near(pairs(a, b, 0.7), pairs_parts(a, b, 0.7)), near(unlike(a, b, k, k2), unlike_parts(a, b, k, k2)))
    let o = memories(a, k, k2, c, v, v2, c)
    let e = memories_parts(a, k, k2, c, v, v2, c)
    print(max[n, d](abs(o[n, d] - e[n, d])) < 0.00002)
}
check(a, b, b, k, k2, v, v[:290])
check(a[:3], b[:3], b[:1], k, k2[:0], v, v[:0])
check(a[:1], b[:1], b[:0], k[:280], k2, v[:280], v[:290])
check(a[:9], b[:9], b[:7], k[:0], k2[:7], v[:0], v[:7])
print(near(unlike(a, b[:, 1:4], k, k2[:, 2:]), unlike_parts(a, b[:, 1:4], k, k2[:, 2:])))
let x = memories(a, k, k2, b, v, v[:290], b)
let y = memories(a[7:8], k, k2, b, v, v[:290], b)
print(max[d](abs(x[7, d] - y[0, d])))
# An infinity on one side is none of the other's.
let far[j: 300, d: 5] = if j == 299 { 1.0 / 0.0 } else { k[j, d] }
print(nce(a[:9], b[:9], far, 0.7)[0:2], unlike(a[:1], b[:1], far[:299], k2) - unlike(a[:1], b[:1], k[:299], k2))
# > true true true
# > true
# > true true true
# > true
# > true true true
# > true
# > true true true
# > true
# > true
# > 0.0
# > [nan, nan] [0.0]
