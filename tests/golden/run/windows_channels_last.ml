# Convolutions with channels last: rows of a product are all places of all pictures, copied in runs of channels. The same bits as one picture alone.
fn outputs_first(x: f32[N, Y, X, C], w: f32[O, 3, 3, C], b: f32[O]) -> f32[N, Y, X, O] {
    out[n, y, z, o] = max(b[o] + sum[i, j, c](w[o, i, j, c] * (x[n, y + i - 1, z + j - 1, c] ?? 0)), 0)
}
fn outputs_last(x: f32[N, Y, X, C], w: f32[3, 3, C, O]) -> f32[N, Y, X, O] {
    out[n, y, z, o] = sum[i, j, c](w[i, j, c, o] * (x[n, y + i - 1, z + j - 1, c] ?? 0))
}
fn steps(x: f32[N, 2 * Y, 2 * X, C], w: f32[O, 2, 3, C]) -> f32[N, Y, X, O] {
    out[n, y, z, o] = sum[i, j, c](w[o, i, j, c] * (x[n, 2 * y + i, 2 * z + 2 * j - 1, c] ?? 1))
}
fn squares(x: f16[N, 4 * Y, 4 * X, C], w: f16[O, 4, 4, C]) -> f16[N, Y, X, O] {
    out[n, y, z, o] = sum[i, j, c](w[o, i, j, c] * x[n, 4 * y + i, 4 * z + j, c])
}
fn turned(x: f32[T, N, C], w: f32[O, K, C]) -> f32[N, T, O] {
    out[n, t, o] = sum[k, c](w[o, k, c] * (x[t + k - K, n, c] ?? 0))
}
fn drawn(n: i64, k: i64) -> f32[n] {
    out[i: n] = f32(((i + k) * 7919 + (i * i) % 1013) % 201) * 0.0123 - 1.1
}
fn same(x: f32, y: f32) -> bool = x <= y and x >= y
fn hash(y: f32[N]) -> f32 = sum[n](y[n] * f32(n % 7 + 1))

fn equal(x: f32[N, Y, X, O], n: i64, y: f32[1, Y, X, O]) -> bool = all[i: Y, j: X, o: O](same(x[n, i, j, o], y[0, i, j, o]))

let x = reshape(drawn(5 * 3 * 4 * 45, 1), 5, 3, 4, 45)
let w = reshape(drawn(40 * 9 * 45, 2), 40, 3, 3, 45)
let v = reshape(drawn(9 * 45 * 70, 3), 3, 3, 45, 70)
let b = drawn(40, 4)
let p = outputs_first(x, w, b)
let q = outputs_last(x, v)
print("outputs first", hash(reshape(p, 60 * 40)), equal(p, 0, outputs_first(x[0:1], w, b)), equal(p, 4, outputs_first(x[4:5], w, b)))
print("outputs last", hash(reshape(q, 60 * 70)), equal(q, 0, outputs_last(x[0:1], v)), equal(q, 4, outputs_last(x[4:5], v)))
let x6 = reshape(drawn(5 * 6 * 4 * 45, 5), 5, 6, 4, 45)
let s = steps(x6, w[:, 0:2])
print("steps", hash(reshape(s, 30 * 40)), equal(s, 0, steps(x6[0:1], w[:, 0:2])), equal(s, 3, steps(x6[3:4], w[:, 0:2])))
let xh = f16(reshape(drawn(6 * 8 * 8 * 37, 6), 6, 8, 8, 37) * 0.25)
let wh = f16(reshape(drawn(33 * 16 * 37, 7), 33, 4, 4, 37) * 0.25)
let h = f32(squares(xh, wh))
print("squares", hash(reshape(h, 24 * 33)), equal(h, 5, f32(squares(xh[5:6], wh))))
let xt = reshape(drawn(13 * 6 * 50, 8), 13, 6, 50)
let wt = reshape(drawn(36 * 6 * 50, 9), 36, 6, 50)
let u = turned(xt, wt)
print("turned", hash(reshape(u, 78 * 36)), equal(reshape(u, 6, 13, 1, 36), 5, reshape(turned(xt[:, 5:6], wt), 1, 13, 1, 36)))
print("none", outputs_first(x[0:0], w, b), outputs_last(x[0:1, :, 0:0], v))
# long
# > outputs first 6.076e+04 true true
# > outputs last 7.666e+04 true true
# > steps 7.239e+04 true true
# > squares 1766.0 true
# > turned 4.171e+04 true
# > none [] [[[],
# >   [],
# >   []]]
