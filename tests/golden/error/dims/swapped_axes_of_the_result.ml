fn transpose(x: f32[M, N]) -> f32[N, M] {
    out[i, j] = x[i, j] # error[E0302]: dims
}
