## Scores by a table in a choice: a place that the choice leaves out asks for nothing, and a negative that is the label has no score.
fn sampled(x: f32[N, D], w: f32[V, D], y: i32[N], other: i32[M]) -> f32[N] {
    let s[n, m] = if other[m] == y[n] or other[m] < 0 { -inf } else { sum[d](x[n, d] * w[other[m], d]) }
    out[n] = logsumexp[m](s[n, m])
}
fn masked(x: f32[N, D], w: f32[V, D], y: i32[N], other: i32[M]) -> f32[N] {
    let s[n, m] = sum[d](x[n, d] * w[other[m], d])
    out[n] = logsumexp[m](if other[m] == y[n] { -inf } else { s[n, m] })
}
## Pages of the past, then keys of the step.
fn paged(q: f32[T, D], kc: f32[Z, X, D], vc: f32[Z, X, D], table: i32[N], k: f32[T, D], v: f32[T, D]) -> f32[T, D] where X >= 1, N >= 1, T >= 1 {
    let past = N * X
    let s[i, j: N * X + T] = if j < past { sum[d](q[i, d] * kc[table[min(j // X, N - 1)], j % X, d]) } else { sum[d](q[i, d] * k[clip(j - past, 0, T - 1), d]) }
    let p[i, j: N * X + T] = softmax[j | j <= i + past](s[i, j])
    out[i, d] = sum[j: N * X + T](p[i, j] * (if j < past { vc[table[min(j // X, N - 1)], j % X, d] } else { v[clip(j - past, 0, T - 1), d] }))
}
fn wave(a: int, b: int) -> f32 = sin(f32(a * 7 + b * 13) / 5)

let x[n: 70, d: 5] = wave(n, d)
let w[c: 40, d: 5] = wave(c, 2 * d)
let y[n: 70] = i32(n % 40)
let other[m: 300] = i32(m * 17 % 41 - 1)
let a = sampled(x, w, y, other)
print(a[69], a[0], sum(a))
let kc[z: 9, r: 16, d: 5] = wave(z * 16 + r, d)
let vc[z: 9, r: 16, d: 5] = wave(z - r, d)
let table[n: 18] = i32(n * 5 % 9)
let o = paged(x, kc, vc, table, x, x)
print(o[69], sum(o), paged(x[69:], kc, vc, table, x[69:], x[69:])[0])
print(masked(x, w, y, other)[0])
# > 5.684 5.701 399.0
# > [0.1422, -0.1835, 0.1724, -0.1119, 0.01933] 0.02033 [0.05577, -0.0519, 0.03319, -0.00497, -0.02467]
# status: 1
# stderr: streams_fail_in_choices.ml:7:38: error[E0701]: subscript -1 is outside an axis of size 40
