# Sums of rows by a label: one pass over the rows.
export fn sums(label: i32[N], x: f32[N, D], M: int) -> f32[M, D] {
    out[j, d] = sum[i | label[i] == j](x[i, d])
}
# >   segments.ml:3:17: f32[M, D] stored: a result
# >       loops: chain[i: N, d: D] (sum by key)
# >       N * D operations, reads 4 * N * D + 4 * N bytes, writes 4 * M * D bytes
# >   memory between kernels: 0 bytes

# Statistics by one key that need nothing of one another are one pass; the sum of differences from their mean is another.
export fn stats(label: i32[N], x: f32[N], M: int) -> (f32[M], f32[M], f32[M], f32[M]) {
    let total[j: M] = sum[i | label[i] == j](x[i])
    let top[j: M] = max[i | label[i] == j](x[i])
    let average[j: M] = mean[i | label[i] == j](x[i])
    let away[j: M] = sum[i | label[i] == j](abs(x[i] - average[j]))
    (total, top, average, away)
}
# >   segments.ml:13:21: f32[M] joined: its places are those of a tensor beside it: one pass by key for both
# >   threads: 3 kernels in 1 region, 2 barriers within it
