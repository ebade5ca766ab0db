fn mix(p: f32[T, S], v: f32[S, D]) -> f32[T, D] {
    let d = 3
    out[i, j] = sum[d](p[i, d] * v[d, j]) # error[E0202]: index 'd' hides a variable
}
