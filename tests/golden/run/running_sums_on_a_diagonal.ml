# Of running sums in rows a diagonal alone is read, by a sum over rows beside a softmax: an element of a running sum is no number by itself.
fn f(c: f64[K], h: f64[N, M]) -> f64[M] {
    let x[i: M, k: K] = min[a: 0..i + 1](-0.75) + c[k]
    let m[i: M] = clip(max[k: K](x[i, k]), -30, 30)
    let e[i: M, k: K] = exp(min(x[i, k] - m[i], 1))
    let z[i: M] = sum[k: K](e[i, k])
    let y[i: M] = sum[k: K](e[i, k] * 1.0) / (z[i] + 0.125)
    let t[i: M, j: M] = cumsum[j](clip(count[a: 0..i + 1](a > 0) * clip(y[j], -2, 2), -20, 20))
    let u[i: M, n: N] = 1.0 + h[n, i] * 0
    let v[i: M] = clip(max[n: N](u[i, n]), -30, 30)
    let g[i: M, n: N] = exp(min(u[i, n] - v[i], 1))
    let s[i: M] = sum[n: N](g[i, n])
    let w[i: M] = sum[n: N](g[i, n] * t[i, i]) / (s[i] + 0.125)
    out[i] = y[i] + clip(sum[q](w[q]), -1e6, 1e6)
}
let none: f64[0] = 0
let nothing: f64[0, 0] = 0
print(f(none, nothing))
let c[k: 5] = f64(k) / 4
let h[n: 3, m: 7] = f64(n - m)
print(f(c, h))
let d[k: 40] = f64(k % 7) / 4
let i[n: 6, m: 70] = f64(n - m)
let r = f(d, i)
print(r[0], r[69], sum[m: 70](r[m] * f64(m % 5)))
# > []
# > [104.5, 104.5, 104.5, ..., 104.5, 104.5, 104.5]
# > 4.716e+04 4.716e+04 6.602e+06
