# Positions of 64 bits beside places, in heads of groups: the difference of two of them is one number for all sums of a pass (it was one of each, which no pass
# can take, and what had been made of groups by then was left so).
fn ring(q: f32[B, H, D], k: f32[B, G, S, D], v: f32[B, G, S, D], pos: i64[B]) -> f32[B, H, D] {
    let at[b, j: S] = pos[b] - (pos[b] - j) % S
    let s[b, h, j] = sum[d](q[b, h, d] * k[b, h // (H / G), j, d]) - 0.01 * f32(pos[b] - at[b, j])
    let p[b, h, j] = softmax[j | 0 <= at[b, j] <= pos[b]](s[b, h, j])
    out[b, h, d] = sum[j](p[b, h, j] * v[b, h // (H / G), j, d])
}
fn since(q: f32[B, H, D], k: f32[B, G, S, D], v: f32[B, G, S, D], pos: i64[B], first: i64[B]) -> f32[B, H, D] {
    let s[b, h, j] = sum[d](q[b, h, d] * k[b, h // (H / G), j, d])
    let p[b, h, j] = softmax[j | pos[b] - j <= first[b]](s[b, h, j])
    out[b, h, d] = sum[j](p[b, h, j] * v[b, h // (H / G), j, d])
}
let q[b: 2, h: 4, d: 8] = f32((b * 7 + h * 3 + d * 5) % 11) / 5 - 1
let k[b: 2, h: 2, j: 8, d: 8] = f32((b * 5 + h * 3 + d * 7 + j * 2) % 13) / 6 - 1
let v[b: 2, h: 2, j: 8, d: 8] = f32((b * 3 + h * 11 + d * 7 + j * 4) % 13) / 6 - 1
print(ring(q, k, v, [2, 13])[:, :, 0])
print(since(q, k, v, [2, 5], [2, 5])[:, :, 0])
print(since(q, k, v, [9, 9223372036854775807], [6, 9223372036854775806])[:, :, 0])
# > [[0.1658, -0.6162, 0.5902, -0.2118],
# >  [0.001975, 0.1481, -0.3002, -0.3826]]
# > [[0.1888, -0.3621, 0.005924, -0.04808],
# >  [0.001059, 0.1432, -0.2991, -0.3807]]
# > [[0.1964, -0.02542, -0.08916, 0.1877],
# >  [0.01307, 0.2327, -0.2777, -0.3779]]
