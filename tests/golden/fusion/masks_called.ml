# Masks that functions say, with choices and returns, of sizes, too: bounds as if they were written out, and no scores in memory.
# never: T, T] stored
# never: min(W, 64), W, W] stored
fn seen(i: int, j: int, w: int) -> bool {
    if j > i { return false }
    if j < 4 { return true }
    i - j < w
}
export fn window(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: int) -> f32[H, T, D] where w >= 1 {
    let p[h, i, j] = softmax[j | seen(i, j, w)](sum[d](q[h, i, d] * k[h, j, d]))
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# >   masks_called.ml:11:5: f32[H, T, D] stored: a result
fn region(y: int, R: int, W: int) -> int = if y < R - W { 0 } else { if y < R - W // 2 { 1 } else { 2 } }
export fn shifted(x: f32[3, H, R, C, K], bias: f32[H, 2 * W - 1, 2 * W - 1]) -> f32[H, R, C, K] where R % W == 0, C % W == 0, W >= 2 {
    let win[c, h, a: R // W, b: C // W, u: W, w: W, k] = x[c, h, a * W + u, b * W + w, k]
    let s[h, a, b, u, w, i, j] = sum[k](win[0, h, a, b, u, w, k] * win[1, h, a, b, i, j, k]) + bias[h, u - i + W - 1, w - j + W - 1]
    let p[h, a, b, u, w, i, j] = softmax[i, j | region(a * W + u, R, W) == region(a * W + i, R, W)](s[h, a, b, u, w, i, j])
    let o[h, a, b, u, w, k] = sum[i, j](p[h, a, b, u, w, i, j] * win[2, h, a, b, i, j, k])
    out[h, y: R, z: C, k] = o[h, y // W, z // W, y % W, z % W, k]
}
# >   masks_called.ml:19:5: o: f32[H, R // W, C // W, W, W, K] stored: a pass of its own
