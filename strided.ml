export fn strided(q: f32[T, D], k: f32[T, D], v: f32[T, D], step: int) -> f32[T, D] where step >= 1 {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j | j <= i and (i - j < step or j % step == 0)](s[i, j])
    out[i, d] = sum[j](p[i, j] * v[j, d])
}
