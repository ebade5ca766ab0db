import std.precision: from_bits, to_bits, next_scale
import std.losses: cross_entropy

fn widened(bits: i16[N], E: int, M: int) -> f32[N] where E >= 2, M >= 1 {
    f32(from_bits(i64(bits), E, M, true))
}

## The bits of each value, and the value in f32. Any NaN will do where the given bits are one.
fn patterns(x: float[N], given: i16[N], E: int, M: int) -> (i16[N], f32[N]) where E >= 2, M >= 1 {
    let b = to_bits(f64(x), E, M, true, false)
    let value = from_bits(i64(given), E, M, true)
    let half[n] = if isnan(x[n]) and isnan(value[n]) { given[n] } else { i16(if b[n] >= 32768 { b[n] - 65536 } else { b[n] }) }
    (half, f32(x))
}

## Values of bytes; bytes nearest to x without and with saturation. Any NaN will do: the pattern of all ones is given there.
fn eight(bytes: u8[N], x: f32[K], E: int, M: int, ieee: bool) -> (f32[N], u8[K], f32[K], u8[K]) where E >= 2, M >= 1 {
    let nearest = to_bits(f64(x), E, M, ieee, false)
    let held = to_bits(f64(x), E, M, ieee, true)
    let saturated[k] = u8(if isnan(x[k]) { 127 } else { held[k] })
    (f32(from_bits(i64(bytes), E, M, ieee)), u8(nearest), f32(from_bits(nearest, E, M, ieee)), saturated)
}

## A run of steps with the gradients given: scales before and after, whether the step was made, the count, the parameters (plain descent,
## rounded once a step).
fn scaled(start: f32[P], grad: f32[T, P], bad: bool[T], first: real, growth: real, backoff: real, interval: int, rate: f32)
        -> (f64[T], f64[T], bool[T], i64[T], f32[T, P]) {
    var scale = f64(first)
    var good = 0
    var p = start
    var used: f64[T] = 0
    var after: f64[T] = 0
    var done: bool[T] = false
    var count: i64[T] = 0
    var path: f32[T, P] = 0
    for t in 0..T {
        used[t] = scale
        let (s, g) = next_scale(scale, good, bad[t], growth, backoff, interval)
        let moved = if bad[t] { p } else { f32(f64(p) - f64(rate) * f64(grad[t])) }
        scale = s
        good = g
        p = moved
        after[t] = scale
        done[t] = not bad[t]
        count[t] = good
        path[t] = p
    }
    (used, after, done, count, path)
}

## Sums in f64, and one after the other in f32 and, rounded after each, in f16.
fn sums(a: f16[N], b: f16[N]) -> (f64, f32, f16) {
    var s: f32 = 0
    var h: f16 = 0
    for n in 0..N {
        s = s + f32(a[n]) * f32(b[n])
        h = f16(f32(h) + f32(a[n]) * f32(b[n]))
    }
    (sum[n](f64(a[n]) * f64(b[n])), s, h)
}
