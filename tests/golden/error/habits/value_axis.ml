## The values are read with the axes swapped.
fn f(p: f32[B, H, T, S], v: f32[B, H, S, D]) -> f32[B, H, T, D] {
    out[b, h, i, d] = sum[j](p[b, h, i, j] * v[b, h, d, j])
}
