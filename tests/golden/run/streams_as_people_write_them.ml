## Attention and pooling as different people write them: heads in one row, chunks of a size of the call, guards said by `not`, values through a function,
## sums of two products, scores of a small network, and biases that need the distance of query and key alone (logarithms, powers, buckets).
# long
fn flat(x: f32[N, 3 * H * K], slope: f32[H]) -> f32[N, H * K] {
    let s[h: H, i, j] = sum[d: K](x[i, h * K + d] * x[j, H * K + h * K + d]) - slope[h] * (i - j)
    let p[h, i, j] = softmax[j | not (j > i or i - j > 150 and h == 1)](s[h, i, j])
    out[i, c] = sum[j](p[c // K, i, j] * silu(x[j, 2 * H * K + c]))
}
fn by_size(x: f32[N, C], K: int) -> f32[N, C] where K >= 1, C % K == 0 {
    let s[h: C // K, i, j] = sum[d: K](x[i, h * K + d] * x[j, h * K + d]) / sqrt(f32(K))
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j])
    out[i, c] = sum[j](p[c // K, i, j] * x[j, c])
}
fn by_count(x: f32[N, C], H: int) -> f32[N, C] where H >= 1, C % H == 0 {
    let s[h: H, i, j] = sum[d: C // H](x[i, h * (C // H) + d] * x[j, h * (C // H) + d]) / sqrt(f32(C // H))
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j])
    out[i, c] = sum[j](p[c // (C // H), i, j] * x[j, c])
}
fn chunks(q: f32[N, D], k: f32[N, D], v: f32[N, D], c: int) -> f32[N, D] where c >= 1 {
    let s[i, j] = sum[d](q[i, d] * k[j, d] + v[i, d] * q[j, d])
    let p[i, j] = softmax[j | j <= i and j // c == i // c](s[i, j])
    out[i, d] = sum[j](p[i, j] * v[j, d])
}
fn pooled(x: f32[B, N, D], w: f32[D, K], u: f32[K]) -> f32[B, D] {
    let h = tanh(x @ w)
    let a[b, n] = softmax[n](sum[k](h[b, n, k] * u[k]))
    out[b, d] = sum[n](a[b, n] * x[b, n, d])
}
fn bucket(n: int) -> int {
    let side = if n < 0 { 16 } else { 0 }
    let a = abs(n)
    let far = 8 + int(log(f32(max(a, 1)) / 8.0) / log(128.0 / 8.0) * 8.0)
    side + (if a < 8 { a } else { min(far, 15) })
}
fn biased(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], table: f32[32, H], r: f32[H]) -> f32[H, T, D] {
    let near[i: T, j: S] = bucket(i + S - T - j)
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) + table[near[i, j], h] - r[h] * log1p(r[h] * f32(abs(j - i)))
    let p[h, i, j] = softmax[j](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn retained(q: f32[H, N, D], k: f32[H, N, D], v: f32[H, N, D], g: f32[H]) -> f32[H, N, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) * g[h] ^ (i - j)
    let z[h, i] = max(abs(sum[j | j <= i](s[h, i, j])), 1.0)
    out[h, i, d] = sum[j | j <= i](s[h, i, j] / z[h, i] * v[h, j, d])
}
## No row, no place: no distance, and nothing fails.
fn failing(x: f32[T, D], y: f32[S, D]) -> f32[T, S] {
    let far[i: T, j: S] = 9_223_372_036_854_775_800 + int(exp(f32(j - i)))
    out[i, j] = x[i, 0] + y[j, 0] + f32(far[i, j])
}

let x[n: 300, c: 18] = f32((n * 7 + c * 5) % 23) * 0.1 - 1.0
let q[h: 3, i: 40, d: 5] = f32((h * 7 + d * 3 + i * 5) % 23) * 0.1 - 1.0
let k[h: 3, j: 300, d: 5] = f32((h * 5 + d * 13 + j * 2) % 17) / 9.0 - 1.0
let v[h: 3, j: 300, d: 5] = f32((h * 5 + d * 13 + j * 7) % 19) / 9.0 - 1.0
let table[b: 32, h: 3] = f32((b * 11 + h) % 7) * 0.2
let o = flat(x, [0.01, 0.02, 0.0])
print(o[299], sum[n, c](o[n, c] * f32(n % 7)))
let c = chunks(k[0], k[1], v[0], 37)
print(c[299], c[258], sum(c))
print(pooled(v, table[:5], [0.5, -1.0, 2.0])[1])
let b = biased(q, k, v, table, [0.5, 1.5, 0.1])
print(b[:, 39], sum(b))
let g = retained(k, k, v, [0.5, 0.9, 0.99])
print(g[:, 299], sum(g))
let none: f32[0, 5] = 0
print(len(failing(none, k[0])), len(failing(k[0], none)))
print(failing(k[0, :2], k[0, :2]))
let bare: f32[4, 0] = 0
print(by_size(x, 6)[299, :3], by_count(x, 3)[299, :3], len(by_size(bare, 2)), len(by_count(bare, 2)))
# > [0.07519, 0.254, 0.2125, 0.1316, -0.05718, 0.03187] 685.0
# > [-0.6384, 0.4522, -0.1407, -0.5273, 0.5633] [0.05694, 0.005097, -0.2531, -0.1042, 0.06387] -8.124
# > [-0.2343, 0.4827, -0.04562, -0.4528, 0.4567]
# > [[0.01597, -0.0004786, -0.006337, -0.008911, -0.008411],
# >  [0.09992, -0.05457, -0.4916, 0.1522, -0.2336],
# >  [-0.006414, -0.009422, -0.001165, -0.004673, -0.01081]] -0.8971
# > [[-0.1978, 0.4938, -0.1179, -0.07542, 0.605],
# >  [0.2385, -0.5029, 0.6143, 0.5779, -0.3994],
# >  [0.2592, -0.5426, -0.242, 0.654, -0.167]] 6.129
# > 0 300
# > [[9.223e+18, 9.223e+18],
# >  [9.223e+18, 9.223e+18]]
# > [-0.2154, -0.1476, 0.1293] [-0.2154, -0.1476, 0.1293] 4 4
