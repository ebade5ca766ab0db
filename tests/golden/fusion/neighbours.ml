# Scores that are read at rows beside the row: a strip has these rows, too.
# never: f32[H, T, T] stored
# never: f32[H, T, S] stored
# Multi-token attention: keys and queries convolved before the softmax.
export fn before(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: f32[H, A, B]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let c[h, i: T, j: T] = sum[a: A, b: B | i - a >= 0 and j - b >= 0](w[h, a, b] * s[h, i - a, j - b])
    let p[h, i, j] = softmax[j | j <= i](c[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > before (neighbours.ml:5:1)
# >   neighbours.ml:6:5: s: f32[H, min(T, max(A - 1, 64) + max(A - 1, 0)), T] stored: its readers ask for each element several times
# 0 where causality forbids, both sides of keys.
export fn masked(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: f32[H, 6, 11]) -> f32[H, T, D] {
    let s[h, i: T, j: T] = if j <= i { sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D) } else { 0.0 }
    let c[h, i: T, j: T] = sum[a, b](w[h, a, b] * (s[h, i - a, j - b + 5] ?? 0.0))
    let p[h, i, j] = softmax[j | j <= i](c[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# >   neighbours.ml:15:5: s: f32[H, min(T, 69), T] stored: its readers ask for each element several times
# Behind the softmax: its maximum and sum are those of more rows, too.
export fn behind(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: f32[H, 4, B]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j])
    let c[h, i: T, j: T] = if j <= i { sum[a, b | i - a >= 0 and j - b >= 0](w[h, a, b] * p[h, i - a, j - b]) } else { 0.0 }
    out[h, i, d] = sum[j](c[h, i, j] * v[h, j, d])
}
# >   neighbours.ml:23:5: s: f32[H, min(T, 67), T] stored: its readers ask for each element several times
# Heads mixed as well.
export fn mixed(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: f32[H, 4, 5], m: f32[H, H]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let c[h, i: T, j: T] = sum[a, b](w[h, a, b] * (s[h, i - a, j - b] ?? 0.0))
    let x[h, i: T, j] = sum[g](m[h, g] * c[g, i, j])
    let p[h, i, j] = softmax[j | j <= i](x[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# >   neighbours.ml:31:5: s: f32[H, min(T, 67), T] stored: its readers ask for each element several times
# Rows before and behind, twice: those of the first add up.
export fn around(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], w: f32[3, 3]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let c[h, i: T, j: S] = tanh(sum[a, b](w[a, b] * (s[h, i + a - 1, j + b - 1] ?? 0.0)))
    let e[h, i: T, j: S] = sum[a, b](w[a, b] * c[h, clip(i + a - 1, 0, T - 1), clip(j + b - 1, 0, S - 1)])
    let p[h, i, j] = softmax[j](e[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# >   neighbours.ml:40:5: s: f32[H, min(T, 68), S] stored: its readers ask for each element several times
# As many rows as there are: stored whole.
export fn all(x: f32[N, D], y: f32[M, D], z: f32[M, D]) -> f32[N, D] {
    let s[i, j] = sum[d](x[i, d] * y[j, d])
    let c[i: N, j: M] = max[m: N | m <= i](s[i - m, j] - f32(m))
    let p[i, j] = softmax[j](c[i, j])
    out[i, d] = sum[j](p[i, j] * z[j, d])
}
# >   neighbours.ml:49:5: s: f32[N, M] stored: its readers ask for each element several times

# Sums of the rows before, as a sum, of each head, as a recurrence: the loop over rows goes on from strip to strip, with as many rows as are read of it.
# never: f32[T, T] stored
export fn selective(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] where H >= 1 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let f[i: T, j: T] = sum[m | m < i](relu(s[0, m, j]))
    let p[h, i: T, j: T] = softmax[j | j <= i](s[h, i, j] - f[i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > selective (neighbours.ml:58:1)
# >   neighbours.ml:62:5: f32[min(T, 65), T] stored: a loop fills it
# >       loops: stream[j: T within bounds] (max, sum, sum)
export fn accumulated(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let f[h, i, j] = cumsum[i](softplus(s[h, i, j]))
    let p[h, i: T, j: T] = softmax[j | j <= i](s[h, i, j] - f[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > accumulated (neighbours.ml:67:1)
# >   neighbours.ml:71:5: f32[H, min(T, 65), T] stored: a loop fills it
export fn recurred(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] where H >= 1 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    rec f[i, j] = 0.5 * (f[i - 2, j] ?? 0.0) + relu(s[0, i, j])
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j] - (f[i - 1, j] ?? 0.0))
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > recurred (neighbours.ml:75:1)
# >   neighbours.ml:79:5: f32[min(T, 66), T] stored: a loop fills it
export fn ringed(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] where H >= 1 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    rec {
        f[i: T, j: T] = tanh(s[0, i, j]) + (g[i - 1, j] ?? 0.0)
        g[i: T, j: T] = 0.25 * f[i, j] + 0.5 * (g[i - 1, j] ?? 1.0)
    }
    let p[h, i, j] = softmax[j](s[h, i, j] - f[i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > ringed (neighbours.ml:83:1)
# >   neighbours.ml:85:5: f: f32[2, T] stored: a loop fills it
# >   neighbours.ml:90:5: f32[min(T, 64), T] stored: a loop fills it
# States, and layers that are convolved along the rows, are as large as what they are made of: products take all rows at once.
export fn states(x: f32[N, K], w: f32[M, K], z: f32[A, M], d: f32[M], c: f32[L, M]) -> (f32[N, L], f32[N, L]) {
    let g[t, n] = sum[k](x[t, k] * w[n, k])
    let y[t: N, n] = silu(sum[a](z[a, n] * (g[t - a, n] ?? 0.0)))
    rec h[t, n] = d[n] * (h[t - 1, n] ?? 0.0) + y[t, n]
    let o[t, l] = sum[n](h[t, n] * c[l, n])
    let p[t, l] = sum[n](y[t, n] * c[l, n])
    (o, p)
}
# > states (neighbours.ml:96:1)
# >   neighbours.ml:97:5: g: f32[N, M] stored: its readers ask for each element several times
# >   neighbours.ml:98:5: y: f32[N, M] stored: it is read in a loop that it stands outside of
# >   neighbours.ml:99:5: h: f32[N, M] stored: a loop fills it
# A guard says how many.
export fn windows(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: f32[H, A]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let c[h, i: T, j] = sum[m: T | m <= i and i - m < A](w[h, i - m] * s[h, m, j])
    let x[h, i: T, j] = max[m | abs(m - i) <= 2](c[h, m, j])
    let p[h, i, j] = softmax[j | j <= i](x[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > windows (neighbours.ml:109:1)
# >   neighbours.ml:110:5: s: f32[H, min(T, max(A - 1, 0) + max(max(A - 1, 0) + 4, 64) + 4), T] stored: its readers ask for each element several times
# >   neighbours.ml:111:5: c: f32[H, min(T, max(max(A - 1, 0) + 4, 64) + 4), T] stored: its readers ask for each element several times
# As far as an `int` of the call says: no more than there are, and a number of rows that fits whatever it is.
export fn dilated(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], w: f32[4], n: int) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let c[h, i: T, j] = sum[a](w[a] * (s[h, i - a * n, j] ?? 0.0))
    let p[h, i, j] = softmax[j](c[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > dilated (neighbours.ml:120:1)
# >   neighbours.ml:121:5: s: f32[H, min(T, min(max(-3 * n, 0), 1099511627776) + min(max(3 * n, 0), 1099511627776) + max(min(max(-3 * n, 0), 1099511627776) + min(max(3 * n, 0), 1099511627776), 64)), S] stored: its readers ask for each element several times
# At rows that a table tells, or a quotient: of keys that each head has of its own they are computed there, and nothing is stored.
export fn tabled(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], w: f32[A], at: i64[T, A]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let c[h, i: T, j] = s[h, i, j] + sum[a](w[a] * (s[h, at[i, a], j] ?? 0.0)) + max[m: 4](s[h, i // 4 * 4 + m, j] ?? 0.0)
    let p[h, i, j] = softmax[j](c[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > tabled (neighbours.ml:129:1)
# >   neighbours.ml:130:5: s: f32[H, T, S] recomputed where it is read: scores at rows that are not beside the reader's
# >   neighbours.ml:131:5: c: f32[H, T, S] streamed: computed block by block in one pass over the axis that its reader reduces
# Neighbours of a layer's rows (a graph): its weights are shared by all, and it is as small as what it is made of.
export fn graph(x: f32[B, N, D], w: f32[F, D], at: i64[N, A], g: f32[F]) -> f32[B, N, F] {
    let y[b, n, f] = sum[d](x[b, n, d] * w[f, d])
    let z[b, n: N, f] = sum[a](y[b, at[n, a], f])
    let m[b, n] = max[f](z[b, n, f])
    out[b, n, f] = (z[b, n, f] - m[b, n]) * g[f]
}
# > graph (neighbours.ml:139:1)
# >   neighbours.ml:140:5: y: f32[B, N, F] stored: its readers ask for each element several times
