# Loops whose turns are kernels: chains along any axis, of many rows and of one, and those whose points need one another.
fn last(x: f32[B, N]) -> (f32[B, N], f32[B, N], f32[B, N]) {
    let a[b, n] = cumsum[n](x[b, n])
    let c[b, n] = cumprod[n](x[b, n] * 0.25 + 0.5)
    let m[b, n] = cummax[n](x[b, n])
    (a, c, m)
}
fn first(x: f32[N, B]) -> f32[N, B] {
    out[n, b] = cumsum[n](x[n, b])
}
fn middle(x: f32[A, N, B]) -> f32[A, N, B] {
    rec y[a, n, b] = x[a, n, b] + 0.5 * (y[a, n - 1, b] ?? 1.0)
    y
}
fn back(x: f32[B, N]) -> f32[B, N] {
    rec y[b, n] = x[b, n] - 0.5 * (y[b, n + 1] ?? 2.0)
    y
}
fn two(x: f32[B, N]) -> f32[B, N] {
    rec y[b, n] = x[b, n] + (y[b, n - 1] ?? 0.0) - 0.25 * (y[b, n - 2] ?? 0.0)
    y
}
fn soft(x: f32[B, N]) -> f32[B, N] {
    rec y[b, n] = if n == 0 { x[b, n] } else { max(y[b, n - 1], x[b, n]) + log1p(exp(-abs(y[b, n - 1] - x[b, n]))) }
    y
}
fn pair(x: f32[B, N]) -> (f32[B, N], f32[B, N]) {
    rec {
        u[b, n] = 0.5 * (u[b, n - 1] ?? 0.0) + x[b, n]
        v[b, n] = 0.5 * (v[b, n - 1] ?? 1.0) + u[b, n]
    }
    (u, v)
}
fn ends(x: f32[B, N]) -> f32[B] where N >= 1 {
    rec y[b, n] = x[b, n] + 0.5 * (y[b, n - 1] ?? 0.0)
    out[b] = y[b, N - 1]
}
fn edits(a: i32[B, N], c: i32[B, M]) -> f32[B, N + 1, M + 1] {
    rec d[b, i: N + 1, j: M + 1] = if i == 0 { f32(j) } else { if j == 0 { f32(i) } else { min(d[b, i - 1, j] + 1, d[b, i, j - 1] + 1, d[b, i - 1, j - 1] + (if a[b, i - 1] == c[b, j - 1] { 0.0 } else { 1.0 })) } }
    d
}
fn one(x: f32[N]) -> f32[N] {
    rec y[n] = x[n] * 0.5 + (y[n - 1] ?? 3.0)
    y
}
fn shifts(x: f32[B, N]) -> f32[B, N] {              # a row needs the row before it
    rec y[n, b] = x[b, n] + 0.5 * (y[n - 1, b - 1] ?? 1.0)
    out[b, n] = y[n, b]
}
fn mixes(x: f32[N, B]) -> f32[N, B] {               # all of the turn before
    rec y[n, b] = x[n, b] + 0.25 * (y[n - 1, B - 1 - b] ?? 1.0)
    y
}
fn from_one(var x: f32[B, N]) where N >= 1 {        # the first turn reads what was there before
    for n in 1..N {
        let y[b] = x[b, n] + 0.5 * x[b, n - 1]
        x[:, n] = y
    }
}
fn every_second(var x: f32[B, 2 * N]) {
    for n in 0..N {
        let y[b] = x[b, 2 * n] + (x[b, 2 * n - 1] ?? 4.0)
        x[:, 2 * n] = y
    }
}
fn same_place(x: f32[T, B]) -> f32[B] {
    var y: f32[B] = 1
    for t in 0..T { y = 0.5 * y + x[t] }
    y
}
fn spread(x: f32[B], times: int) -> f32[B] {        # neighbours
    var y = x
    for _t in 0..times {
        let z[b] = 0.5 * y[b] + 0.25 * ((y[b - 1] ?? 0.0) + (y[b + 1] ?? 0.0))
        y = z
    }
    y
}
fn whole(x: i32[B, N]) -> (i32[B, N], i64[B, N]) {
    let a[b, n] = cumsum[n](x[b, n])
    let c[b, n] = cumsum[n](i64(x[b, n]))
    (a, c)
}
fn half(x: f32[B, N]) -> f32[B, N] {
    let h[b, n] = f16(x[b, n])
    rec y[b, n] = h[b, n] + f16(0.5) * (y[b, n - 1] ?? f16(1.0))
    out[b, n] = f32(y[b, n])
}
fn some(a: int, n: int, k: int) -> f32[a, n] {
    out[i: a, j: n] = f32((i * 7 + j * 3 + k) % 11) / 4 - 1
}

let x = some(19, 5, 1)
let (a, c, m) = last(x)
print(a[17:19], c[8], m[18])
print(first(x)[18], middle(reshape(x, 19, 5, 1))[3, 4], middle(reshape(some(6, 40, 2), 6, 2, 20))[5, 1, 17:20])
print(back(x)[8:10], two(x)[18], soft(x)[15:17])
let (u, v) = pair(x)
print(u[16], v[17], ends(x)[15:19])
let w: i32[11, 4] = i32(4 * some(11, 4, 3))
print(edits(w, i32(4 * some(11, 3, 1)))[9:11])
print(one(some(1, 20, 2)[0])[18:20], shifts(x)[17:19], mixes(x)[17:19])
var y = x
from_one(var y)
var z = some(10, 8, 5)
every_second(var z)
print(y[17:19], z[8:10], same_place(x), spread(x[:, 2], 3)[0:4])
let (p, q) = whole(i32(4 * x))
print(p[18], q[9], half(x)[18])
# > [[1.5, 1.0, 1.25, 2.25, 1.25],
# >  [0.5, 1.75, 1.0, 1.0, 1.75]] [0.375, 0.2109, 0.1582, 0.03955, 0.0173] [0.5, 1.25, 1.25, 1.25, 1.25]
# > [4.5, 5.0, 5.5, 6.0, 3.75] [-0.0625] [0.0, 1.125, -0.5]
# > [[-0.3281, -0.3438, 1.188, -0.375, -1.25],
# >  [1.562, -0.625, -0.25, 0.5, 0.5]] [0.5, 1.75, 0.875, 0.4375, 0.9688] [[0.75, 1.887, 1.975, 2.139, 2.417],
# >  [-0.25, 0.8869, 1.778, 1.855, 2.0]]
# > [-0.25, 0.375, 1.438, -0.03125, -0.01562] [2.0, 1.25, 1.0, 1.688, 0.4375] [1.234, -0.01562, -0.4062, 0.75]
# > [[[0.0, 1.0, 2.0, 3.0],
# >   [1.0, 1.0, 2.0, 3.0],
# >   [2.0, 2.0, 2.0, 3.0],
# >   [3.0, 3.0, 3.0, 3.0],
# >   [4.0, 3.0, 4.0, 4.0]],
# >  [[0.0, 1.0, 2.0, 3.0],
# >   [1.0, 1.0, 2.0, 3.0],
# >   [2.0, 2.0, 2.0, 3.0],
# >   [3.0, 3.0, 3.0, 3.0],
# >   [4.0, 3.0, 4.0, 4.0]]]
# > [4.625, 4.625] [[2.0, -0.375, 0.8125, 1.938, -1.5],
# >  [1.0, 2.25, -0.9375, 0.4062, 1.719]] [[1.536, -0.5708, 0.5448, 1.134, -1.014],
# >  [0.2466, 1.534, -0.6138, -0.1427, 1.134]]
# > [[1.5, 0.25, 0.375, 1.188, -0.4062],
# >  [0.5, 1.5, 0.0, 0.0, 0.75]] [[4.5, 1.25, 0.5, ..., 1.5, 1.0, 0.25],
# >  [3.5, 0.25, 1.25, ..., 0.5, 1.75, -0.75]] [1.232, 1.308, -0.298, 0.4255, 0.3564] [0.2578, 0.4766, 0.5703, 0.5]
# > [2, 7, 4, 4, 7] [5, 2, 2, 5, 11] [1.0, 1.75, 0.125, 0.0625, 0.7812]
