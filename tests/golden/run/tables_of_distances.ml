# What costs much and needs a distance alone is computed once for each distance: loops (filters of several exponentials), and angles along the features of queries and keys.
fn filters(u: f32[H, T], c: f32[H, N], a: f32[H, N]) -> f32[H, T] {
    out[h, i] = sum[j | j <= i](u[h, j] * sum[n](c[h, n] * exp(a[h, n] * 0.01 * f32(i - j))))
}
fn both_ways(u: f32[T, D], c: f32[N], a: f32[N]) -> f32[T, D] {
    let g[i: T, j: T] = sum[n | n != 3](c[n] * exp(-abs(a[n] * 0.1 * f32(j - i)))) + f32(i - j) * 0.001
    out[i, d] = sum[j](u[j, d] * g[i, j])
}
fn places(u: f32[T, D], c: i32[N]) -> f32[T, D] {
    let g[i: T, j: T] = max[n](i64(c[n]) * (i - j)) + sum[n: 9 | n < i - j + 2](n)
    out[i, d] = sum[j](u[j, d] * f32(g[i, j]))
}
fn attention(q: f32[T, D], k: f32[S, D], c: f32[N], a: f32[N], f: f32[D]) -> f32[T, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d] * cos(f32(i - j) * f[d])) + max[n](c[n] - a[n] * f32(i - j)) + sum[n, m: 3](c[n] * f32((j - i) * m)) * 0.01
    let p[i, j] = softmax[j | j <= i + 5](s[i, j])
    out[i, d] = sum[j](p[i, j] * k[j, d])
}
# Of pairs whose features no row has, and quotients of a distance, which may fail.
fn of_pairs(c: f32[N], T: int, S: int) -> f32[T, S] where T >= 0, S >= 0 { out[i: T, j: S] = sum[n](c[n] * tanh(f32(i - j) + c[n] * f32(i))) }
fn divided(x: f32[T], k: int) -> f32[T, T] { out[i, j] = x[j] * sum[n: 2](exp(f32((7 + n) // (i - j + k)))) }

let u[h: 2, t: 70] = sin(f32(t * 7 + h * 3))
let c[h: 2, n: 5] = cos(f32(n * 5 + h))
let a[h: 2, n: 5] = sin(f32(n * 3 + h) + 2)
let x[t: 70, d: 6] = cos(f32(t * 3 + d * 2))
let k[t: 300, d: 6] = sin(f32(t * 5 + d * 3))
let f[d: 6] = f32(d) * 0.1
let few: i32[4] = [3, -2, 5, 1]
print(filters(u, c, a)[1, 69], norm(filters(u, c, a)))
print(both_ways(x, c[0], a[0])[69], norm(both_ways(x, c[0], a[0])))
print(places(x, few)[69, 0], norm(places(x, few)))
print(attention(x, k, c[0], a[0], f)[69], norm(attention(x, k, c[0], a[0], f)))
print(norm(of_pairs(c[1], 9, 20)), len(of_pairs(c[1], 0, 3)), norm(divided(f, 6)))
print(norm(divided(f, 5)))
# > 0.1565 5.419
# > [0.4442, -0.02441, -0.4239, 0.3772, 0.1099, -0.4687] 2.707
# > 189.0 2132.0
# > [-0.1873, 0.2939, -0.3947, 0.4875, -0.5706, 0.6422] 9.276
# > 20.49 0 2039.0
# status: 1
# stderr: division by zero
