# Vectors for each distance cut at a limit, on the side of the query and of the key (DeBERTa): a row alone, among few and among many has the same bits.
fn attend(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], r: f32[H, R, D], at: int) -> f32[H, T, D] where R >= 1 {
    let c2p[h, i, j: S] = sum[d](q[h, i, d] * r[h, clip(i + at - j + R // 2, 0, R - 1), d])
    let p2c[h, i: T, j] = sum[d](k[h, j, d] * r[h, clip(j - i - at + R // 2, 0, R - 1), d])
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) + c2p[h, i, j] + p2c[h, i, j]
    let p[h, i, j] = softmax[j](s[h, i, j] / sqrt(3 * f32(D)))
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn causal(q: f32[H, T, D], k: f32[G, S, D], r: f32[R, D], at: int) -> f32[H, T, D] where R >= 1 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H // G), j, d]) + sum[d](k[h // (H // G), j, d] * r[clip(i + at - j, 0, R - 1), d])
    let p[h, i, j] = softmax[j | j <= i + at](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * k[h // (H // G), j, d])
}
fn weight(a: int, b: int) -> f32 = sin(f32(a * 7 + b * 13) / 5)
let q[h: 4, i: 50, d: 20] = weight(3 * h + i, d)
let k[h: 4, j: 300, d: 20] = weight(j + h, d + 1)
let v[h: 4, j: 300, d: 20] = weight(j + h * 5, d * 3)
let r[h: 4, m: 33, d: 20] = weight(m + h, d * 2)
let k2[g: 2, j: 300, d: 20] = k[g, j, d]
let all = attend(q, k, v, r, 150)
let past = causal(q, k2, r[0], 150)
let one[h: 4, i: 1, d: 20] = q[h, i + 27, d]
let five[h: 4, i: 5, d: 20] = q[h, i + 27, d]
let more[h: 4, i: 20, d: 20] = q[h, i + 27, d]
let a1 = attend(one, k, v, r, 177)
let a5 = attend(five, k, v, r, 177)
let a20 = attend(more, k, v, r, 177)
let b1 = causal(one, k2, r[0], 177)
let b5 = causal(five, k2, r[0], 177)
let b20 = causal(more, k2, r[0], 177)
print(max[h: 4, i: 1, d: 20](abs(a1[h, i, d] - all[h, i + 27, d])), max[h: 4, i: 1, d: 20](abs(b1[h, i, d] - past[h, i + 27, d])))
print(max[h: 4, i: 5, d: 20](abs(a5[h, i, d] - all[h, i + 27, d])), max[h: 4, i: 5, d: 20](abs(b5[h, i, d] - past[h, i + 27, d])))
print(max[h: 4, i: 20, d: 20](abs(a20[h, i, d] - all[h, i + 27, d])), max[h: 4, i: 20, d: 20](abs(b20[h, i, d] - past[h, i + 27, d])))
print(all[1, 19], past[1, 19])
# long
# > 0.0 0.0
# > 0.0 0.0
# > 0.0 0.0
# > [0.4075, -0.3722, -0.4477, ..., 0.08374, -0.5559, -0.1437] [-0.5674, 0.882, -0.9441, ..., -0.3882, 0.7823, -0.9524]
