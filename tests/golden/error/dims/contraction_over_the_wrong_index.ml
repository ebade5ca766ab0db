fn product(x: f32[M, K], y: f32[N, K]) -> f32[M, N] {
    out[m, n] = sum[k](x[m, k] * y[k, n]) # error[E0302]: differ
}
