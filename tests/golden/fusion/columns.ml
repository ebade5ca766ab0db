# Scores of which a row asks what is one number of each key: sums of columns, each head's first row, a mean over heads.
# never: f32[H, T, S] stored
export fn mean_of_columns(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let m[h, j] = mean[i](s[h, i, j])
    let p[h, i, j] = softmax[j](s[h, i, j] - m[h, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > mean_of_columns (columns.ml:3:1)
# >       loops: stream[i: T] (sum)
# >       loops: stream[j: S] (max, sum, sum)
export fn against_the_first(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] where T >= 1 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let p[h, i, j] = softmax[j](s[h, i, j] - s[h, 0, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > against_the_first (columns.ml:12:1)
# >       loops: stream[j: S] (max, sum, sum)
export fn against_all_heads(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let m[i, j] = mean[h](s[h, i, j])
    let p[h, i, j] = softmax[j](s[h, i, j] - m[i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
