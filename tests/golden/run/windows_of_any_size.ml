## A window of the largest int is none, one of the smallest has no place: bounds do not wrap.
fn sums(x: f32[T], w: int) -> f32[T] {
    out[i] = sum[j: T | j - i < w and i - j < w](x[j])
}
fn attended(q: f32[T, D], v: f32[T, D], w: int) -> f32[T, D] {
    let s[i, j] = sum[d](q[i, d] * v[j, d])
    let p[i, j] = softmax[j | i - j < w](s[i, j])
    out[i, d] = sum[j](p[i, j] * v[j, d])
}
fn each(q: f32[H, T, D], v: f32[T, D], w: int[H], local: bool) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * v[j, d])
    let p[h, i, j] = softmax[j | j - i < w[h] and (not local or i - j <= w[h])](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[j, d])
}
let x[i: 6] = 1.0 + i
let q[i: 3, d: 2] = f32(i + d) * 0.5 - 1.0
let sizes = [-9_223_372_036_854_775_808, -1, 0, 2, 9_223_372_036_854_775_807]
for w in sizes {
    print(sums(x, w), attended(q, q, w)[2])
}
let many[h: 5, i: 3, d: 2] = q[i, d] + f32(h)
print(each(many, q, sizes, true)[:, 1, 0], each(many, q, sizes, false)[:, 1, 0])
# > [0.0, 0.0, 0.0, 0.0, 0.0, 0.0] [0.0, 0.0]
# > [0.0, 0.0, 0.0, 0.0, 0.0, 0.0] [0.0, 0.0]
# > [0.0, 0.0, 0.0, 0.0, 0.0, 0.0] [0.0, 0.0]
# > [3.0, 6.0, 9.0, 12.0, 15.0, 11.0] [-0.2189, 0.2811]
# > [21.0, 21.0, 21.0, 21.0, 21.0, 21.0] [-0.4175, 0.08248]
# > [0.0, 0.0, 0.0, -0.03375, -0.01202] [0.0, 0.0, -1.0, -0.03375, -0.01202]
