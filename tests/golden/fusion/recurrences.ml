# Of a recurrence only what is read later is kept: two rows here, whatever T is.
export fn last(x: f32[T, D], decay: f32[D]) -> f32[D] where T >= 1 {
    rec h[t: T, d: D] = x[t, d] + decay[d] * (h[t - 1, d] ?? 0.0)
    out[d] = h[T - 1, d]
}
# >   memory between kernels: 64 * ((8 * D + 63) // 64) bytes

export fn distance(a: i32[N], b: i32[M]) -> f32 where N >= 1, M >= 1 {
    rec d[i: N, j: M] = (d[i - 1, j - 1] ?? 0.0) + min((d[i - 1, j] ?? 0.0), (d[i, j - 1] ?? 0.0)) + abs(f32(a[i] - b[j]))
    d[N - 1, M - 1]
}
# >   memory between kernels: 64 * ((8 * M + 63) // 64) bytes

export fn every(x: f32[T]) -> f32[T] {
    rec y[t] = x[t] + 0.5 * (y[t - 1] ?? 0.0)
    y
}
# > every (recurrences.ml:14:1)
# >   memory between kernels: 0 bytes

# A state of D x E for each turn is read in the turn: two states here, and a sum of it for each turn.
export fn retained(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, E], decay: f32[H]) -> f32[H, T, E] {
    rec s[t, h, d, e] = decay[h] * (s[t - 1, h, d, e] ?? 0.0) + k[h, t, d] * v[h, t, e]
    out[h, t, e] = sum[d](q[h, t, d] * s[t, h, d, e])
}
# > retained (recurrences.ml:22:1)
# >   memory between kernels: 64 * ((8 * H * D * E + 63) // 64) bytes

export fn normed(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, E]) -> f32[H, T, E] {
    rec {
        s[t, h, d, e] = (s[t - 1, h, d, e] ?? 0.0) + k[h, t, d] * v[h, t, e]
        z[t, h, d] = (z[t - 1, h, d] ?? 0.0) + abs(k[h, t, d])
    }
    out[h, t, e] = sum[d](q[h, t, d] * s[t, h, d, e]) / (1 + abs(sum[d](q[h, t, d] * z[t, h, d])))
}
# > normed (recurrences.ml:29:1)
# >   memory between kernels: 64 * ((8 * H * D * E + 63) // 64) + 64 * ((4 * H * T + 63) // 64) + 64 * ((8 * H * D + 63) // 64) bytes

# What a turn computes of the state for all of a column is computed once for it.
export fn delta(q: f32[T, D], k: f32[T, D], v: f32[T, E], rate: f32[T]) -> f32[T, E] {
    rec s[t, d, e] = (s[t - 1, d, e] ?? 0.0) + rate[t] * k[t, d] * (v[t, e] - sum[c: D](k[t, c] * (s[t - 1, c, e] ?? 0.0)))
    out[t, e] = sum[d](q[t, d] * s[t, d, e])
}
# > delta (recurrences.ml:40:1)
# >       2 * D * E operations, reads 4 * D * E + 4 * D bytes, writes 4 * E bytes in each turn of a loop, of which there are T
# >   memory between kernels: 64 * ((8 * D * E + 63) // 64) + 64 * ((4 * E + 63) // 64) bytes
