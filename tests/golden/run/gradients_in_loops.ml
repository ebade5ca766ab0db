# Gradients of attention in a loop, and of parameters that change in place: the same steps, to the bit.
fn grads(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], g: f32[H, T, D]) -> (f32[H, T, D], f32[H, T, D], f32[H, T, D]) {
    let p[h, i, j] = softmax[j | j <= i](sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D))
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i]) / sqrt(D)
    let dq[h, i, d] = sum[j](ds[h, i, j] * k[h, j, d])
    let dk[h, j, d] = sum[i](ds[h, i, j] * q[h, i, d])
    let dv[h, j, d] = sum[i](p[h, i, j] * g[h, i, d])
    (dq, dk, dv)
}
fn step(var q: f32[H, T, D], var k: f32[H, T, D], var v: f32[H, T, D], g: f32[H, T, D]) {
    let (da, db, dc) = grads(q, k, v, g)
    q = q - 0.1 * da
    k = k - 0.1 * db
    v = v - 0.1 * dc
}
fn train(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], g: f32[H, T, D], n: int) -> (f32[H, T, D], f32[H, T, D], f32[H, T, D]) {
    var a = q
    var b = k
    var c = v
    for _ in 0..n {
        let (da, db, dc) = grads(a, b, c, g)
        a = a - 0.1 * da
        b = b - 0.1 * db
        c = c - 0.1 * dc
    }
    (a, b, c)
}
let q[h: 2, i: 70, d: 8] = sin(f32(h * 7 + i * 13 + d * 5))
let k[h: 2, i: 70, d: 8] = cos(f32(h * 3 + i * 11 + d * 17))
let v[h: 2, i: 70, d: 8] = sin(f32(h * 5 + i * 3 + d * 7))
let g[h: 2, i: 70, d: 8] = 3 * cos(f32(h * 2 + i * 5 + d * 3))
let (a, b, c) = train(q, k, v, g, 3)
var x = q
var y = k
var z = v
for _ in 0..3 {
    step(var x, var y, var z, g)
}
print(any[h: 2, i: 70, d: 8](a[h, i, d] < x[h, i, d] or a[h, i, d] > x[h, i, d]))
print(any[h: 2, i: 70, d: 8](b[h, i, d] < y[h, i, d] or b[h, i, d] > y[h, i, d]))
print(any[h: 2, i: 70, d: 8](c[h, i, d] < z[h, i, d] or c[h, i, d] > z[h, i, d]))
let fa = max[h: 2, i: 70, d: 8](abs(a[h, i, d] - q[h, i, d]))
let fb = max[h: 2, i: 70, d: 8](abs(b[h, i, d] - k[h, i, d]))
let fc = max[h: 2, i: 70, d: 8](abs(c[h, i, d] - v[h, i, d]))
print(round(fa * 100), round(fb * 100), round(fc * 100))
# > false
# > false
# > false
# > 14.0 8.0 74.0
