# Sums of rows by a label: one pass over the rows.
export fn sums(label: i32[N], x: f32[N, D], M: int) -> f32[M, D] {
    out[j, d] = sum[i | label[i] == j](x[i, d])
}
# >   segments.ml:3:17: f32[M, D] stored: a result
# >       loops: chain[i: N, d: D] (sum by key)
# >       N * D operations, reads 4 * N * D + 4 * N bytes, writes 4 * M * D bytes
# >   memory between kernels: 0 bytes
