## Distributions at the ends of their domains, and draws in 16 bits.
import std.random: truncated_normal, beta, student, dirichlet, binomial, multinomial, poisson

# far from the mean: what inversion in f32 gives as one end
let N = 4000
let a[i: N] ~ truncated_normal(0, 1, 6, 7)
let b[i: N] ~ truncated_normal(1, 2, -inf, -19)
print(min(a) >= 6, max(a) < 7, abs(mean(a) - 6.1584) < 0.01, max(b) <= -19, abs(mean(b) + 19.1965) < 0.02)
# > true true true true true

# gamma numbers of such shapes are below the least float
let c[i: N] ~ beta(0.01, 0.01)
let d[i: N] ~ student(0.2)
let e = dirichlet([0.001, 0.001, 0.001], key(1))
print(abs(mean(c) - 0.5) < 0.05, abs(mean[i](if d[i] > 0 { 1.0 } else { 0.0 }) - 0.5) < 0.05, abs(sum(e) - 1) < 1e-6)
# > true true true

# a draw's time does not grow with the number of trials
let k[i: N] ~ binomial(1000000000000, 0.25)
let l[i: N] ~ poisson(1e12)
let times = multinomial(1000000000, [1.0, 0.0, 3.0], key(2))
print(abs(mean(f64(k)) / 2.5e11 - 1) < 1e-7, abs(variance(f64(k)) / 1.875e11 - 1) < 0.2, abs(variance(f64(l)) / 1e12 - 1) < 0.2)
print(sum(times), times[1], abs(f64(times[0]) - 2.5e8) < 1e5)
# > true true true
# > 1000000000 0 true

fn near(x: f32[M], m: f32, v: f32) -> bool = abs(mean(x) - m) < 0.08 and abs(variance(x) / v - 1) < 0.2
let f[i: N]: f16 ~ normal(0, 1)
let g[i: N]: f16 ~ exponential(1)
let h[i: N]: bf16 ~ normal(0, 1)
let low = f16([0.0, 1.0, -1.0])
let t[i: N] ~ categorical[v](low[v])
print(near(f32(f), 0, 1), near(f32(g), 1, 1), near(f32(h), 0, 1), abs(mean[i](if t[i] == 1 { 1.0 } else { 0.0 }) - 0.6652) < 0.04)
# > true true true true
