# Parts of a weight (heads, halves) are multiplied in tensors of their own, whose lanes are those of its panels: the weight is packed, and nothing copies it.
model Lin(N, H, K, I) {
    param w: f32[2 * N, I] = 0
    param u: f32[2 * H * K, I] = 0
}
export fn heads(net: Lin(N, H, K, I), x: f32[T, I]) -> f32[H, T, K] {
    out[h, t, d: K] = 1 + sum[i](x[t, i] * net.u[(H + h) * K + d, i])
}
# >   weight_parts.ml:6:17: net.u: f32[2 * H * K, I] prepared: a weight that is read across rows: packed in panels when its handle is loaded
# >   weight_parts.ml:7:27: f32[T, H * K + H * K % 16] stored: a product with a part of a weight, whose lanes begin where a panel does
export fn gated(net: Lin(N, H, K, I), x: f32[T, I]) -> f32[T, N] {
    out[t, n: N] = sum[i](x[t, i] * net.w[n, i]) * silu(sum[i](x[t, i] * net.w[n + N, i]))
}
# >   weight_parts.ml:11:17: net.w: f32[2 * N, I] prepared: a weight that is read across rows: packed in panels when its handle is loaded
# >   weight_parts.ml:12:57: f32[T, N + N % 16] stored: a product beside another one of its reader, so that each goes in blocks
