# In a loop all counts are of one turn, and the line says how many there are. Of a tensor counts what a turn reads: a layer of all, a row, and of a table
# at most as many rows as are asked for.
export fn layers(x: f32[B, D], w: f32[L, D, D]) -> f32[B, D] {
    var h = x
    for l in 0..L {
        let y[b, o] = tanh(sum[i](h[b, i] * w[l, o, i]))
        h = y
    }
    h
}
# > layers (turns.ml:3:1)
# >   turns.ml:6:9: y: f32[B, D] stored: a loop carries it from turn to turn
# >       2 * B * D ^ 2 + B * D operations, reads 4 * B * D + 4 * D ^ 2 bytes, writes 4 * B * D bytes in each turn of a loop, of which there are L

export fn cell(x: f32[T, D], w: f32[D, D]) -> f32[T, D] {
    rec h[t, o] = tanh(x[t, o] + sum[i]((h[t - 1, i] ?? 0.0) * w[o, i]))
    h
}
# > cell (turns.ml:15:1)
# >   turns.ml:15:30: w: f32[D, D] stored: with its axes turned, because sums read across its rows
# >   turns.ml:16:5: f32[D] stored: it is put into another tensor
# >       2 * D ^ 2 + 2 * D operations, reads 4 * D ^ 2 + 8 * D bytes, writes 4 * D bytes in each turn of a loop, of which there are T

export fn rows(table: f32[V, D], at: i32[N]) -> f32[N, D] {
    out[n, d] = 2 * table[at[n], d]
}
# > rows (turns.ml:24:1)
# >       D * N operations, reads 4 * N + min(4 * V * D, 4 * D * N) bytes, writes 4 * D * N bytes

# How often is known when it runs; two rows of one tensor are two parts of it.
export fn until(x: f32[N, D], limit: f32) -> f32[D] where N >= 3 {
    var s = x[0]
    while sum(s) < limit {
        let t[d] = s[d] + x[1, d] * x[2, d] + x[1, d]
        s = t
    }
    s
}
# > until (turns.ml:31:1)
# >       3 * D operations, reads 4 * D + min(4 * N * D, 8 * D) bytes, writes 4 * D bytes in each turn of a loop
