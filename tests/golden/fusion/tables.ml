# Gradients of tables that pairs look up: the scores are computed anew for the table, for rows of a strip, and nothing is stored for each pair; the others are passes.
# never: f32[H, T, S] stored
fn bucket(n: int) -> int {
    let far = 16 + int(log(f32(max(n, 0)) / 16.0 + 1e-9) / log(8.0) * 16.0)
    if n < 16 { max(n, 0) } else { min(far, 31) }
}
export fn buckets(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], b: f32[H, 32], g: f32[H, T, D]) -> (f32[H, T, D], f32[H, S, D], f32[H, S, D], f32[H, 32]) {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) + b[h, bucket(i - j)]
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j])
    let o[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let delta[h, i] = sum[d](o[h, i, d] * g[h, i, d])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i])
    let dq[h, i, d] = sum[j](ds[h, i, j] * k[h, j, d])
    let dk[h, j, d] = sum[i](ds[h, i, j] * q[h, i, d])
    let dv[h, j, d] = sum[i](p[h, i, j] * g[h, i, d])
    let db[h, w: 32] = sum[i, j](if bucket(i - j) == w { ds[h, i, j] } else { 0.0 })
    (dq, dk, dv, db)
}
# > buckets (tables.ml:7:1)
# >   tables.ml:10:5: o: f32[H, T, D] stored: a pass of its own
# >       loops: stream[j: S within bounds] (max, sum, sum)
# >   tables.ml:14:5: dq: f32[H, T, D] stored: a result
# >       loops: stream[j: S within bounds] (sum)
# >   tables.ml:15:5: dk: f32[H, S, D] stored: a result
# >       loops: stream[i: T within bounds] (sum)
# >   tables.ml:8:5: s: f32[H, min(T, 64), S] stored: its readers ask for each element several times
# >   tables.ml:13:5: ds: f32[H, min(T, 64), S] stored: its loops would run inside another reduction
# >   tables.ml:17:24: f32[H, 32] stored: a loop carries it from turn to turn
# >       loops: chain[i: min(T, 64) within bounds, j: S within bounds, h: H] (sum by key)

# Places before the rows (heads that share a table) are turns around the strips.
export fn shared(q: f32[H, T, D], k: f32[H, S, D], at: i32[T, S]) -> (f32[H, T], f32[33, D]) {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let z[h, i] = logsumexp[j](s[h, i, j])
    let e[w: 33, d] = sum[h, i, j | at[i, j] == w](exp(s[h, i, j] - z[h, i]) * q[h, i, d])
    (z, e)
}
# > shared (tables.ml:33:1)
# >   tables.ml:35:5: z: f32[H, T] stored: a result
# >       loops: stream[j: S] (max, sum)
# >   tables.ml:33:35: k: f32[H, (S + 15) // 16, D, 16] stored: it is read in a loop that it stands outside of
# >       0 operations, reads 4 * H * D * S bytes, writes 64 * H * D * ((S + 15) // 16) bytes
# >   tables.ml:34:5: s: f32[1, min(T, 64), S] stored: its loops would run inside another reduction
# >       loops: chain[h: 1, i: min(T, 64) within bounds, j: S, d: D] (sum by key)
