# Products beside other reductions of the same element go in blocks, or share lanes with them: what something else in an element needs decides nothing about them.
fn two(a: f32[N, M], b: f32[M, D]) -> f32[N, D] {
    out[i, d] = sum[j](a[i, j] * b[j, d]) + max[j](a[i, j] + b[j, d])
}
fn rows(a: f32[N, M], b: f32[D, M]) -> f32[N, D] {
    out[i, d] = sum[j](a[i, j] * b[d, j]) - sum[j](abs(a[i, j] - b[d, j]))
}
fn apart(a: f32[N, M], b: f32[M, D]) -> f32[N, D] {
    let p[i, d] = sum[j](a[i, j] * b[j, d])
    let m[i, d] = max[j](a[i, j] + b[j, d])
    out[i, d] = p[i, d] + m[i, d]
}
fn ratio(k: f32[T, D], v: f32[T, D], w: f32[T, T]) -> f32[T, D] {
    out[i, d] = sum[j | j <= i](exp(k[j, d] + w[i, j]) * v[j, d]) / sum[j | j <= i](exp(k[j, d] + w[i, j]))
}
fn given(a: f32[N, M], b: f32[D, M], n: i32[N]) -> f32[N, D] {
    out[i, d] = sum[j | j < n[i]](a[i, j] * b[d, j]) + max[j | j < n[i]](a[i, j] - b[d, j])
}
fn root(s: f32) -> f32 {
    var x = f32(1.0)
    for _ in 0..3 {
        x -= (x * x - abs(s) - 1.0) / (2.0 * x)
    }
    x
}
fn steps(a: f32[N, M], b: f32[M, D]) -> f32[N, D] {
    out[i, d] = root(sum[j](a[i, j] * b[j, d]))
}
let a[i: 19, j: 33] ~ normal(0, 1, key: key(1))
let b[j: 33, d: 37] ~ normal(0, 1, key: key(2))
let c[d: 37, j: 33] = b[j, d]
let n[i: 19] = i32(i * 7 % 34)
let k[i: 33, d: 21] ~ normal(0, 1, key: key(3))
let w[i: 33, j: 33] ~ normal(0, 1, key: key(4))
let x = two(a, b)
let y = apart(a, b)
print(all[i: 19, d: 37](x[i, d] == y[i, d]))
# > true
let r = rows(a, c)
print(x[3, 4], r[3, 4], r[18, 36])
# > 3.005 -34.03 -48.6
let q = ratio(k, k, w)
print(q[0, 0] == k[0, 0], q[32, 20])
# > false 0.7885
let g = given(a, c, n)
print(g[0, 0], g[18, 36], g[5, 5])
# > -inf -1.105 0.7909
let t = steps(a, b)
print(t[0, 0], t[18, 36])
# > 3.101 2.623
let whole[i: 33, j: 33] = if i == j { 1.0 } else { 0.0 }
print(two(whole, b)[32, 36] == b[32, 36] + max[j: 33](whole[32, j] + b[j, 36]))
# > true
