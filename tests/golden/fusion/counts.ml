# What operations cost: how many of them are elementary functions, which of these are computed again and again with the same operands, loops in an
# element with all of their turns, what is of f64, rows that are put in order.

# A scale for each group of 32 features, whose function is written for each feature.
export fn scaled(q: f32[H, T, D], k: i8[H, S, D], ks: f32[H, S, D // 32], v: f32[H, S, E]) -> f32[H, T, E] where D % 32 == 0 {
    let s[h, t, j] = sum[d](q[h, t, d] * f32(k[h, j, d]) * exp(ks[h, j, d // 32])) / sqrt(D)
    let p[h, t, j] = softmax[j](s[h, t, j])
    out[h, t, e] = sum[j](p[h, t, j] * v[h, j, e])
}
# > scaled (counts.ml:5:1)
# >   counts.ml:6:46: f32[H, S, D] stored: its readers ask for each element several times
# >       2 * H * D * S operations, reads H * D * S + 4 * H * S * (D // 32) bytes, writes 4 * H * D * S bytes
# >       of these H * D * S are elementary functions
# >       counts.ml:6:60: exp takes d // 32: each value is computed 32 times; a 'let' over what it takes computes it once
# >       of these H * T * S are elementary functions
# The same with a name: once for each group.
export fn named(q: f32[H, T, D], k: i8[H, S, D], ks: f32[H, S, D // 32], v: f32[H, S, E]) -> f32[H, T, E] where D % 32 == 0 {
    let scale[h, j, g] = exp(ks[h, j, g])
    let s[h, t, j] = sum[d](q[h, t, d] * f32(k[h, j, d]) * scale[h, j, d // 32]) / sqrt(D)
    let p[h, t, j] = softmax[j](s[h, t, j])
    out[h, t, e] = sum[j](p[h, t, j] * v[h, j, e])
}
# > named (counts.ml:17:1)
# >       of these H * S * (D // 32) are elementary functions
# >       of these H * T * S are elementary functions

# Loops stand in the order of their indices: what takes the inner one alone is computed for each outer one.
export fn periods(x: f32[N, D], w: f32[8]) -> f32[N, D] { out[n, d] = x[n, d] * exp(w[d % 8]) }
# > periods (counts.ml:28:1)
# >       2 * N * D operations, reads 4 * N * D + 32 bytes, writes 4 * N * D bytes
# >       of these N * D are elementary functions
# >       counts.ml:28:81: exp takes nothing of n and d % 8: each value is computed N * (D // 8) times; a 'let' over what it takes computes it once
export fn places(T: int, w: f32[D, E]) -> f32[T, E] { out[t, e] = sum[d](sin(f32(t) / 10000 ^ (f32(d // 2) / f32(D))) * w[d, e]) }
# > places (counts.ml:33:1)
# >       2 * T * D * E + 4 * T * D operations, reads 4 * D * E bytes, writes 4 * T * E bytes
# >       of these 2 * T * D are elementary functions
# >       counts.ml:33:87: pow takes nothing of t and d // 2: each value is computed 2 * T times; a 'let' over what it takes computes it once
# >       counts.ml:33:74: sin takes d // 2: each value is computed 2 times; a 'let' over what it takes computes it once

# Twenty turns of three operations, and a maximum; as many as data say.
fn root(x: f32) -> f32 {
    var y = max(x, 1.0)
    for _i in 0..20 { y = 0.5 * (y + x / y) }
    y
}
export fn roots(x: f32[N]) -> f32[N] { out[i] = root(x[i]) }
# > roots (counts.ml:46:1)
# >       61 * N operations, reads 4 * N bytes, writes 4 * N bytes
fn halves(x: f32) -> f32 {
    var y = x
    while y > 1 { y = y / 2 }
    y
}
export fn halved(x: f32[N]) -> f32[N] { out[i] = halves(x[i]) }
# > halved (counts.ml:54:1)
# >       2 * N operations, reads 4 * N bytes, writes 4 * N bytes
# >       loops in its elements that end where data say count as one turn

export fn doubles(x: f32[N, K], w: f32[K, M]) -> f32[N, M] { out[n, m] = f32(sum[k](f64(x[n, k]) * f64(w[k, m]))) }
# > doubles (counts.ml:59:1)
# >       some of these are of f64
export fn largest(x: f32[B, N]) -> f32[B, N] where N >= 5 {
    let (v, _i) = topk(x, 5)
    out[b, n] = if x[b, n] >= v[b, 4] { x[b, n] } else { 0.0 }
}
# > largest (counts.ml:62:1)
# >   counts.ml:63:19: f32[B, 5] stored: rows in order, and the places that they come from
# >       loops: topk of N places, of each row
# >       0 operations, reads 4 * B * N bytes, writes 60 * B bytes
