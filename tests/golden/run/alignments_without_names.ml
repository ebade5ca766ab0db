# What a recurrence takes by labels of each turn's log-probabilities: the same with a name for it and without one, of a blank apart, in a loop of statements; and a
# label that is none fails where it is asked for, and nowhere else.
import std.special: logaddexp
fn wave(a: int, b: int) -> f32 = sin(f32(a * 7 + b * 13) / 5)
fn named(x: f32[T, D], w: f32[V, D], y: i64[L]) -> f32 where T >= 1, V >= 1 {
    let lp[t, c] = log_softmax[c](sum[d](x[t, d] * w[c, d]))
    let z[t, m: 2 * L + 1] = lp[t, if m % 2 == 1 { y[m // 2] } else { 0 }]
    rec a[t, m: 2 * L + 1] = if t == 0 { if m < 2 { z[t, m] } else { -inf } } else { logaddexp(a[t - 1, m] ?? -inf, a[t - 1, m - 1] ?? -inf) + z[t, m] }
    -a[T - 1, 2 * L]
}
fn inline(x: f32[T, D], w: f32[V, D], y: i64[L]) -> f32 where T >= 1, V >= 1 {
    let lp[t, c] = log_softmax[c](sum[d](x[t, d] * w[c, d]))
    rec a[t, m: 2 * L + 1] = if t == 0 {
        if m < 2 { lp[t, if m % 2 == 1 { y[m // 2] } else { 0 }] } else { -inf }
    } else {
        logaddexp(a[t - 1, m] ?? -inf, a[t - 1, m - 1] ?? -inf) + lp[t, if m % 2 == 1 { y[m // 2] } else { 0 }]
    }
    -a[T - 1, 2 * L]
}
fn apart(x: f32[T, D], w: f32[V, D], y: i64[L], until: i64[L]) -> f32 where T >= 1, V >= 1 {
    let lp[t, c] = log_softmax[c](sum[d](x[t, d] * w[c, d]))
    rec a[t, m: 2 * L + 1] = if t == 0 { if m < 1 { lp[t, 0] } else { -inf } } else {
        logaddexp(a[t - 1, m] ?? -inf, a[t - 1, m - 1] ?? -inf) + (if m % 2 == 1 and t < until[m // 2] { lp[t, y[m // 2]] } else { lp[t, 0] })
    }
    -a[T - 1, 2 * L]
}
fn path(x: f32[T, D], w: f32[V, D], y: i64[L]) -> f32 where T >= 1, L >= 1 {
    let lp[t, c] = log_softmax[c](sum[d](x[t, d] * w[c, d]))
    let first[m: L] = if m == 0 { lp[0, y[m]] } else { -1000.0 }
    var a = first
    for t in 1 .. T {
        let next[m: L] = max(a[m], a[m - 1] ?? -1000.0) + lp[t, y[m]]
        a = next
    }
    a[L - 1]
}
let x[t: 90, d: 6] = wave(t, d)
let w[c: 50, d: 6] = wave(c, 2 * d)
let y[m: 7] = m * 13 % 50
let until[m: 7] = 90
print(inline(x, w, y) - named(x, w, y), inline(x, w, y), inline(x[:1], w, y), inline(x, w, y[:0]))
print(apart(x, w, y, until), path(x, w, y))
let other[m: 7] = if m == 3 { 50 } else { y[m] }
let never[m: 7] = if m == 3 { 0 } else { 90 }
print(apart(x, w, other, never))
print(apart(x, w, other, until))
# > 0.0 329.6 inf 368.4
# > 329.8 -365.8
# > 330.7
# status: 1
# stderr: alignments_without_names.ml:23:112: error[E0701]: subscript 50 is outside an axis of size 50
