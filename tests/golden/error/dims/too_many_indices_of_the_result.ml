fn f(x: f32[M, N]) -> f32[M] {
    out[i, j] = x[i, j] # error[E0304]: 2
}
