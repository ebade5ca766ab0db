fn f(x: f32[M, N]) -> f32[M, N] {
    out[i] = sum[j](x[i, j]) # error: f32[M, N]
}
