## Scores divided by the square roots of the queries instead of one number.
fn f(q: f32[T, D], k: f32[S, D]) -> f32[T, S] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(q)
    s
}
