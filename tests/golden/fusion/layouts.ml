# Gradients with heads behind the places, by hand: what softmax has of each head and row is what the gradients of each row and head need, so that there is one pass for it.
export fn gradients(q: f32[T, H, D], k: f32[T, H, D], v: f32[T, H, D], g: f32[T, H, D]) -> (f32[T, H, D], f32[T, H, D], f32[T, H, D], f32[T, H, D]) {
    let s[h, i, j] = sum[d](q[i, h, d] * k[j, h, d]) / sqrt(D)
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j])
    let o[i, h, d] = sum[j](p[h, i, j] * v[j, h, d])
    let dp[h, i, j] = sum[d](g[i, h, d] * v[j, h, d])
    let r[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - r[h, i]) / sqrt(D)
    let dv[j, h, d] = sum[i](p[h, i, j] * g[i, h, d])
    let dq[i, h, d] = sum[j](ds[h, i, j] * k[j, h, d])
    let dk[j, h, d] = sum[i](ds[h, i, j] * q[i, h, d])
    (o, dq, dk, dv)
}
# > gradients (layouts.ml:2:1)
# >   layouts.ml:5:5: o: f32[T, H, D] stored: a result
# >   layouts.ml:7:19: f32[H, T] stored: a pass of its own
# never: f32[T, H] stored
