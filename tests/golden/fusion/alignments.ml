import std.special: logaddexp
# What a recurrence takes by labels of each turn's log-probabilities is a tensor before it, with a name or without one: the words' are not stored.
# never: f32[T, V] stored
# never: f32[B, T, V] stored
export fn named(x: f32[T, D], w: f32[V, D], y: i64[L]) -> f32 where T >= 1, V >= 1, L >= 1 {
    let lp[t, c] = log_softmax[c](sum[d](x[t, d] * w[c, d]))
    let z[t, m: 2 * L + 1] = lp[t, if m % 2 == 1 { y[m // 2] } else { 0 }]
    rec a[t, m: 2 * L + 1] = if t == 0 { if m < 2 { z[t, m] } else { -inf } } else { logaddexp(a[t - 1, m] ?? -inf, a[t - 1, m - 1] ?? -inf) + z[t, m] }
    -a[T - 1, 2 * L]
}
# >   alignments.ml:6:5: lp: f32[min(T, 64), V] stored: its readers ask for each element several times
export fn inline(x: f32[T, D], w: f32[V, D], y: i64[L]) -> f32 where T >= 1, V >= 1, L >= 1 {
    let lp[t, c] = log_softmax[c](sum[d](x[t, d] * w[c, d]))
    rec a[t, m: 2 * L + 1] = if t == 0 {
        if m < 2 { lp[t, if m % 2 == 1 { y[m // 2] } else { 0 }] } else { -inf }
    } else {
        logaddexp(a[t - 1, m] ?? -inf, a[t - 1, m - 1] ?? -inf) + lp[t, if m % 2 == 1 { y[m // 2] } else { 0 }]
    }
    -a[T - 1, 2 * L]
}
# >   alignments.ml:13:5: lp: f32[min(T, 64), V] stored: its readers ask for each element several times
# The blank's alone, a number of each turn, and the labels' under their condition.
export fn apart(x: f32[B, T, D], w: f32[V, D], y: i64[B, L]) -> f32[B] where T >= 1, V >= 1, L >= 1 {
    let lp[b, t, c] = log_softmax[c](sum[d](x[b, t, d] * w[c, d]))
    rec a[t, b, m: 2 * L + 1] = if t == 0 { if m < 1 { lp[b, t, 0] } else { -inf } } else {
        logaddexp(a[t - 1, b, m] ?? -inf, a[t - 1, b, m - 1] ?? -inf) + (if m % 2 == 1 { lp[b, t, y[b, m // 2]] } else { lp[b, t, 0] })
    }
    out[b] = -a[T - 1, b, 2 * L]
}
# A loop of statements.
export fn path(x: f32[T, D], w: f32[V, D], y: i64[L]) -> f32 where T >= 1, V >= 1, L >= 1 {
    let lp[t, c] = log_softmax[c](sum[d](x[t, d] * w[c, d]))
    let first[m: L] = if m == 0 { 0.0 } else { -1000.0 }
    var a = first
    for t in 0 .. T {
        let next[m: L] = max(a[m], a[m - 1] ?? -1000.0) + lp[t, y[m]]
        a = next
    }
    a[L - 1]
}
