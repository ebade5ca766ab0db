## Attention as the formula says it.
export fn run(q: f32[B, H, T, D], k: f32[B, H, S, D], v: f32[B, H, S, D]) -> f32[B, H, T, D] {
    let s[b, h, i, j] = sum[d](q[b, h, i, d] * k[b, h, j, d]) / sqrt(D)
    let p[b, h, i, j] = softmax[j](s[b, h, i, j])
    out[b, h, i, d] = sum[j](p[b, h, i, j] * v[b, h, j, d])
}
