fn sdpa(q: f32[B, H, T, D], k: f32[B, H, T, D], v: f32[B, H, T, D], mask: bool[T, T]) -> f32[B, H, T, D] {
    let s = q @ permute(k, 0, 1, 3, 2) / sqrt(D)
    let p[b, h, i, j] = softmax[j | mask[j]](s[b, h, i, j])
    p @ v
}
