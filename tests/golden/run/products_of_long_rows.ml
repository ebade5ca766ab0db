# A matrix by a vector: lanes are rows, of which several places are read at once, doubles as well; the last rows are read with some of those before them.
fn by_vector(a: f32[M, N], x: f32[N]) -> f32[M] {
    out[m] = sum[n](a[m, n] * x[n])
}
fn doubles(a: f64[M, N], x: f64[N]) -> f64[M] {
    out[m] = sum[n](a[m, n] * x[n])
}
fn few(a: f64[M, N], x: f64[B, N]) -> f64[B, M] {
    out[b, m] = sum[n](a[m, n] * x[b, n]) + x[b, 0]
}
fn added(var y: f64[M], a: f64[M, N], x: f64[N]) {
    let z[m] = y[m] + sum[n](a[m, n] * x[n])
    y = z
}
fn squared(var y: f64[M], a: f64[M, M]) {
    let z[m] = sum[n](a[m, n] * y[n])
    y = z
}
fn number(i: int, j: int) -> f64 = f64((i * 7 + j * 3) % 11 - 5)

let a[i: 75, j: 41] = number(i, j)
let x[i: 41] = number(1, i * i)
let b[i: 75, j: 41] = f32(a[i, j])
let z[i: 41] = f32(x[i])
let y = doubles(a, x)
let v = by_vector(b, z)
print(y[70:], v[70:], sum[i](abs(y[i] - f64(v[i]))))
let w = few(a, [x, 2 * x, 3 * x])
print(sum[k, m](abs(w[k, m] - f64(k + 1) * (y[m] + x[0]))), w[2, 70:])
var u = y
added(var u, a, x)
print(sum[m](abs(u[m] - 2 * y[m])))
let q[i: 20, j: 20] = a[i, j]
var s[i: 20] = x[i]
let t = doubles(q, s)
squared(var s, q)
print(sum[m](abs(s[m] - t[m])), s[15:])
# > [-95.0, 317.0, -195.0, 8.0, 145.0] [-95.0, 317.0, -195.0, 8.0, 145.0] 0.0
# > 0.0 [-279.0, 957.0, -579.0, 30.0, 441.0]
# > 0.0
# > 0.0 [-41.0, 145.0, -87.0, 0.0, 65.0]
