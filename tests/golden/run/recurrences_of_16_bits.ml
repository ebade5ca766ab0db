## A recurrence takes the type of its start: layers of the library in f16.
import std.nn: lstm, gru
fn state(x: float[T], start: float) -> float[T] {
    rec {
        c[t] = x[t] + (h[t - 1] ?? start)
        h[t] = tanh(c[t])
    }
    h
}
fn count_from(x: i32[T], start: i32) -> i32[T] {
    rec n[t] = (n[t - 1] ?? start) + (if x[t] > 0 { 1 } else { 0 })
    n
}
let s = state(f16([1.0, 2.0]), f16(1.0))
print(abs(f32(s[0]) - 0.9640) < 1e-3, count_from(i32([1, 0, 1]), i32(5)))
# > true [6, 6, 7]

let x[t: 3, b: 2, d: 2] ~ normal(0, 1)
let w[g: 8, d: 2] ~ normal(0, 0.5)
let b: f32[8] = 0.1
let z: f32[2, 2] = 0
let (h, _, _) = lstm(x, z, z, w, w, b, b)
let (k, _, _) = lstm(f16(x), f16(z), f16(z), f16(w), f16(w), f16(b), f16(b))
let (r, _) = gru(x, z, w[:6], w[:6], b[:6], b[:6])
let (q, _) = gru(f16(x), f16(z), f16(w[:6]), f16(w[:6]), f16(b[:6]), f16(b[:6]))
print(max(abs(h - f32(k))) < 0.01, max(abs(r - f32(q))) < 0.01)
# > true true
