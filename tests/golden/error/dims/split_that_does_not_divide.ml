fn heads[H](x: f32[T, H * K]) -> f32[H, T, K] {
    out[h, t, d] = x[t, h * K + d]
}
fn f(x: f32[T, 10]) -> f32[3, T, 4] = heads[3](x) # error: 10
