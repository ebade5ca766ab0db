## Reductions of one tensor's rows, each within bounds of its own that one number of the row gives.
fn f(x: f32[N, D], w: f32[V, D], y: i32[N], g: i32[N]) -> (f32[N], i64[N], f32[N]) {
    let z[n, v] = sum[d](x[n, d] * w[v, d])
    let l[n] = max[v | v % 3 == g[n]](z[n, v])
    let a[n] = argmax[v | v > y[n]](z[n, v])
    let m[n] = sum[v | v < y[n]](exp(z[n, v]))
    (l, a, m)
}
let x[n: 7, d: 8] = f32((n * 3 + d) % 7) / 10
let w[n: 23, d: 8] = f32((n * 5 + d * 2) % 11) / 10
let y[n: 7] = i32(n * 5 % 22)
let g[n: 7] = i32(n % 3)
let (l, a, m) = f(x, w, y, g)
print(l[0:3], a, m[0:3])
# > [1.4, 1.52, 1.82] [4, 14, 19, ..., 21, 11, 10] [0.0, 16.48, 38.97]
