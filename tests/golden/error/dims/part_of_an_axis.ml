fn csr(row: i64[R + 1], col: i64[NZ], val: f32[NZ], x: f32[C]) -> f32[R] {
    out[r] = sum[k | row[r] <= k < row[r + 1]](val[k] * x[col[k]])
}
