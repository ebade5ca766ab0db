## What no stream can do is stored for some rows at a time: thresholds of the largest scores, sums along the keys, deviations from an entropy, biases by a
## network of each pair, sorted scores. Sizes are numbers here, so all is stored whole; tests/unit/driver_strips.c has strips.
fn largest(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] where S >= 5 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let (top, _) = topk(s, 5)
    let p[h, i, j] = softmax[j | s[h, i, j] >= top[h, i, 4]](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn broken(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let l[h, i, j] = log_sigmoid(-s[h, i, j])
    rec c[h, i, j] = (c[h, i, j - 1] ?? 0.0) + l[h, i, j]
    let w[h, i, j] = exp(log_sigmoid(s[h, i, j]) + c[h, i, S - 1] - c[h, i, j])
    out[h, i, d] = sum[j](w[h, i, j] * v[h, j, d])
}
fn spread(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let l[h, i, j] = log_softmax[j](sum[d](q[h, i, d] * k[h, j, d]))
    let e[h, i] = -sum[j](exp(l[h, i, j]) * l[h, i, j])
    let x[h, i] = sum[j](exp(l[h, i, j]) * (l[h, i, j] + e[h, i]) ^ 2)
    out[h, i, d] = e[h, i] + x[h, i] + v[h, 0, d]
}
fn near(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] where D >= 2 {
    let bias[i, j] = sum[c: 2](gelu(q[0, i, c] - k[0, j, c]))
    let p[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[h, j, d]) + bias[i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn lower_half(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let x[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let (s, at) = sort(x)
    out[h, i, d] = sum[j: S // 2](s[h, i, j] * v[h, at[h, i, j], d])
}
## Positions that gates add up to, between two of which a table is read: its subscripts need the scores.
fn contextual(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] where S >= 7 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let gate[h, i, j] = sigmoid(s[h, i, j])
    let at[h, i, j: S] = min(sum[m | m >= j](gate[h, i, m]), 6.0)
    let z[h, i, n: 7] = sum[d](q[h, i, d] * v[h, n, d])
    let part[h, i, j] = at[h, i, j] - floor(at[h, i, j])
    let b[h, i, j] = z[h, i, int(ceil(at[h, i, j]))] * part[h, i, j] + z[h, i, int(floor(at[h, i, j]))] * (1 - part[h, i, j])
    let p[h, i, j] = softmax[j](s[h, i, j] + b[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn all_of(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[6, H, T, D] where S >= 7 =
    [largest(q, k, v), broken(q, k, v), spread(q, k, v), near(q, k, v), lower_half(q, k, v), contextual(q, k, v)]
let keys[h: 2, j: 70, d: 6] = f32((h * 5 + d * 13 + j * 2) % 17) / 9.0 - 1.0
let values[h: 2, j: 70, d: 6] = f32((h * 5 + d * 13 + j * 7) % 19) / 9.0 - 1.0
let queries[h: 2, i: 300, d: 6] = f32((h * 7 + d * 3 + i * 5) % 23) * 0.1 - 1.0
let whole = all_of(queries, keys, values)
print(whole[:, 0, 299, :], sum[f, h, d, i](whole[f, h, i, d] * f32(i % 7)))
fn differ(from: int, n: int) -> int {
    let part = all_of(queries[:, from : from + n, :], keys, values)
    count[f, h, i, d](abs(part[f, h, i, d] - whole[f, h, from + i, d]) > 0)
}
print(sum([differ(0, 0), differ(0, 1), differ(0, 63), differ(0, 64), differ(0, 65), differ(0, 200), differ(0, 256), differ(0, 257)]))
print(sum([differ(77, 1), differ(63, 1), differ(64, 1), differ(170, 1), differ(236, 1), differ(255, 1), differ(256, 1), differ(299, 1)]))
# long
# > [[-0.3111, 0.2889, 0.04444, -0.2, -0.02222, 0.1556],
# >  [-0.2738, -0.3771, 0.362, -0.2006, -0.266, 0.4528],
# >  [3.308, 4.753, 4.086, 3.419, 4.864, 4.197],
# >  [-0.06554, -0.002332, 0.02824, -0.02312, -0.03705, 0.004558],
# >  [-1.791, -0.4951, 0.07407, 0.3148, -1.18, -0.2358],
# >  [-0.0625, -0.01586, 0.04312, -0.0252, -0.04042, 0.007789]] 4.542e+04
# > 0
# > 0
