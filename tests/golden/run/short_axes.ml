## Gradients of a convolution's weight, whose last axes are short; sums of it are those of the same with its axes in another order.
fn gradient(x: f32[N, C, H, W], g: f32[N, O, H, W]) -> f32[O, C, 3, 3] {
    out[o, c, i, j] = sum[n, y, z](g[n, o, y, z] * (x[n, c, y + i - 1, z + j - 1] ?? 0))
}
fn other(x: f32[N, C, H, W], g: f32[N, O, H, W]) -> f32[3, 3, O, C] {
    out[i, j, o, c] = sum[n, y, z](g[n, o, y, z] * (x[n, c, y + i - 1, z + j - 1] ?? 0))
}
fn along(x: f32[N, C, T], g: f32[N, O, T]) -> f32[O, C, 4] { out[o, c, k] = 2 * sum[n, t](g[n, o, t] * (x[n, c, t + k - 3] ?? 0)) + f32(o - c) }
fn far(x: f32[N, C, H, W], g: f32[N, O, H, W]) -> f32 {
    let a = gradient(x, g)
    let b = other(x, g)
    max[o, c, i, j](abs(a[o, c, i, j] - b[i, j, o, c]))
}
let x[n: 3, c: 17, y: 9, z: 10] = f32((n * 5 + c * 7 + y * 3 + z * 11) % 13 - 6)
let g[n: 3, o: 19, y: 9, z: 10] = f32((n * 3 + o * 5 + y * 7 + z * 2) % 11 - 5)
print(far(x, g), far(x[:, :1], g[:, :2]), gradient(x, g)[18, 16, 2, 0], sum(along(x[:, :, 0], g[:, :, 0])), along(x[:, :, 0], g[:, :, 0])[4, 9, 3])
# > 0.0 0.0 19.0 1228.0 97.0
