## Means and variances of the distributions of std.random, within about five standard errors of what they should be.
import std.random: laplace, logistic, cauchy, gumbel, lognormal, weibull, pareto, truncated_normal, rademacher, gamma, chi_square, beta
import std.random: student, geometric, binomial, poisson

fn near(x: f32[N], m: f32, v: f32) -> bool {
    let w = variance(x)
    abs(mean(x) - m) < 5 * sqrt(v / N) and abs(w / v - 1) < 0.2
}

let N = 4000
let a[i: N] ~ laplace(1, 2)
let b[i: N] ~ logistic(1, 2)
let c[i: N] ~ cauchy(3, 1)
let d[i: N] ~ gumbel(1, 2)
let e[i: N] ~ lognormal(0, 0.25)
let f[i: N] ~ weibull(2, 1)
let g[i: N] ~ pareto(8, 1)
let h[i: N] ~ truncated_normal(0, 1, -1, 2)
let r[i: N] ~ rademacher()
print(near(a, 1, 8), near(b, 1, 4 * pi ^ 2 / 3), near(d, 1 + 2 * 0.5772157, 4 * pi ^ 2 / 6))
print(near(e, exp(0.03125), expm1(0.0625) * exp(0.0625)), near(f, 0.886227, 1 - pi / 4), near(g, 8 / 7, 8 / 49 / 6), near(r, 0, 1))
print(abs(mean[i](if c[i] < 3 { 1.0 } else { 0.0 }) - 0.5) < 0.04, near(h, 0.22964, 0.5196), min(h) >= -1, max(h) <= 2)
# > true true true
# > true true true true
# > true true true true

let k[i: N] ~ gamma(3, 2)
let l[i: N] ~ gamma(0.5, 1)
let m[i: N] ~ chi_square(4)
let n[i: N] ~ beta(2, 3)
let o[i: N] ~ student(10)
print(near(k, 6, 12), near(l, 0.5, 0.5), near(m, 4, 8), near(n, 0.4, 0.04), near(o, 0, 1.25))
# > true true true true true

let p[i: N] ~ geometric(0.25)
let q[i: N] ~ binomial(10, 0.3)
let s[i: N] ~ poisson(2.5)
let t[i: N] ~ poisson(50)
print(near(f32(p), 3, 12), near(f32(q), 3, 2.1), near(f32(s), 2.5, 2.5), near(f32(t), 50, 50))
# > true true true true
