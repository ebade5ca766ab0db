# A softmax whose rows are all the same: the sum over it goes on with more arithmetic, row by row.
fn scores_of_columns(v: f32[M], T: int) -> f32[T] {
    let s[i: T, j: M] = tanh(v[j]) * 2
    let p[i: T, j: M] = softmax[j](s[i, j])
    let o[i: T] = sum[j: M](p[i, j] * 2)
    out[i] = o[i] + 1
}
fn weighted(v: f32[M], w: f32[M], x: f32[T]) -> f32[T] {
    let p[i: T, j: M] = softmax[j](v[j])
    let o[i: T] = sum[j](p[i, j] * w[j])
    out[i] = o[i] * x[i] - 1
}
print(scores_of_columns([1.0, 2.0, 3.0], 5))
print(weighted([1.0, 2.0, 3.0], [1.0, 0.0, -1.0], [1.0, 2.0]))
# > [3.0, 3.0, 3.0, 3.0, 3.0]
# > [-1.575, -2.15]
