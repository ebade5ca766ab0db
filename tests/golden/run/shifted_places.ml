## What costs much and is read at shifted places, written where it is read: scores that are convolved, layers and elementary functions under a filter. Each is
## what the same is with a name, also at the ends, where nothing beyond them is read, and where a filter is longer than what it runs over.
fn scores(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: f32[H, A, B]) -> f32[H, T, D] {
    let c[h, i: T, j: T] = sum[a, b | a <= i and b <= j](w[h, a, b] * sum[d](q[h, i - a, d] * k[h, j - b, d]))
    let p[h, i, j] = softmax[j | j <= i](c[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn named(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: f32[H, A, B]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let c[h, i: T, j: T] = sum[a, b | a <= i and b <= j](w[h, a, b] * s[h, i - a, j - b])
    let p[h, i, j] = softmax[j | j <= i](c[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn masked(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: f32[H, 4, B]) -> f32[H, T, D] {
    let p[h, i: T, j: T] = softmax[j | j <= i](sum[a, b](w[h, a, b] * if a <= i and b <= j and j - b <= i - a { sum[d](q[h, i - a, d] * k[h, j - b, d]) } else { -0.5 }))
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
## Beyond the ends: 0.0 times what is there.
fn outside(q: f32[H, T, D], k: f32[H, T, D], w: f32[H, A, B]) -> f32[H, T, T] {
    out[h, i: T, j: T] = sum[a, b](w[h, a, b] * sum[d]((q[h, i - a, d] ?? 0.0) * (k[h, j + b, d] ?? 1.0)))
}
fn filtered(x: f32[N, T, C], w: f32[C, K]) -> f32[N, T, C] {
    out[n, t: T, c] = sum[k](w[c, k] * gelu(x[n, t + 1 - 2 * k, c] ?? 0.5))
}
fn valid(x: f32[T + K - 1, C], y: f32[T, C], w: f32[K]) -> f32[T, C] where K >= 1 {
    out[t, c] = y[t, c] + max[k](w[k] * tanh(x[t + k, c]))
}
fn layer(x: f32[C, Y, X], u: f32[E, C], w: f32[E, 3, 3]) -> f32[E, Y, X] {
    out[e, y: Y, z: X] = sum[i, j | y + i >= 1 and y + i <= Y and z + j >= 1 and z + j <= X](w[e, i, j] * relu(sum[c](u[e, c] * x[c, y + i - 1, z + j - 1])))
}
fn total(x: f32[T, C], w: f32[K]) -> f32 = sum[t: T, c](sum[k | k <= t](w[k] * exp(x[t - k, c])) ^ 2)
## With no d there is no place beyond the last one.
fn none(q: f32[T + D, D], w: f32[A]) -> f32[T] {
    out[i: T] = sum[a | a <= i](w[a] * (1.0 + sum[d](q[i - a + 1, d])))
}

let q[h: 2, i: 133, d: 5] = f32((h * 7 + d * 3 + i * 5) % 23) * 0.1 - 1.0
let k[h: 2, i: 133, d: 5] = f32((h * 5 + d * 13 + i * 2) % 17) / 9.0 - 1.0
let w[h: 2, x: 9, y: 5] = f32((h * 5 + x * 7 + y) % 11) * 0.1 - 0.3
fn all_of(q: f32[2, T, D], k: f32[2, T, D], w: f32[2, A, B]) -> f32[6] {
    let o = scores(q, k, q, w)
    let n = named(q, k, q, w)
    let e = q[:, :, :0]
    let u[h: 2, x: 4, b: B] = f32((h * 3 + x * 5 + b) % 7) * 0.1 - 0.3
    let g[c: D, b: B] = f32((c * 3 + b * 5) % 7) * 0.1 - 0.3
    [sum[h, i, d](abs(o[h, i, d] - n[h, i, d])), sum(o), sum(masked(q, k, q, u)), sum(outside(q, k, w)), sum(scores(e, e, e, w)), sum(filtered(q, g))]
}
print(all_of(q[:, :0], k[:, :0], w[:, :2, :2]))
print(all_of(q[:, :1], k[:, :1], w[:, :3, :1]))
print(all_of(q[:, :7], k[:, :7], w[:, :, :2]))
print(all_of(q[:, :66], k[:, :66], w[:, :2, :3]))
print(all_of(q[:, :66], k[:, :66], w[:, :0, :2]))
print(all_of(q[:, :90], k[:, :90], w[:, :3, :]))
print(sum(valid(q[0], k[1, :129], w[0, 0])), sum(valid(q[0], k[1], w[0, 0, :1])), sum(valid(q[0, :4], k[1, :0], w[0, 0])))
let x[c: 3, y: 20, z: 37] = f32((c * 7 + y * 3 + z * 5) % 23) * 0.1 - 1.0
print(sum(layer(x, w[:2, 0, :3], w[:, :3, :3])), layer(x[:, :1, :1], w[:2, 0, :3], w[:, :3, :3]))
print(total(q[1], w[0, 0]), total(q[1, :2], w[0, 0]), sum(none(q[0], w[0, 0])), sum(none(q[0, :50, :0], w[0, 0])))
# > [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
# > [0.0, -0.5, -0.5, -0.1533, 0.0, 0.06915]
# > [0.0, 6.595, 6.007, 5.564, 0.0, 0.01554]
# > [0.0, 64.29, 64.75, -285.1, 0.0, 3.259]
# > [0.0, 64.58, 66.06, 0.0, 0.0, -2.642]
# > [0.0, 84.53, 88.37, -1932.0, 0.0, 12.88]
# > -4.124 -87.52 0.0
# > 281.6 [[[0.16]],
# >  [[0.0]]]
# > 373.3 4.752 -97.03 -25.0
# long
