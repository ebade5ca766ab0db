# Sums of products of several factors: each costs what two factors cost, or sums of sums, and is the same sum.
# long
fn near(a: f32[M, N], b: f32[M, N]) -> bool = max(abs(a - b)) < 1e-5 * (1 + max(abs(b)))

fn scaled(a: f32[I, K], b: f32[J, K], c: f32[K]) -> f32[I, J] { out[i, j] = sum[k](a[i, k] * b[j, k] * c[k]) }
fn divided(a: f32[I, K], b: f32[J, K], c: f32[J]) -> f32[I, J] { out[i, j] = sum[k](a[i, k] * b[j, k] / c[j] / sqrt(K)) }
fn both(a: f32[I, K], b: f32[J, K], c: f32[I, K]) -> f32[I, J] { out[i, j] = sum[k](a[i, k] * b[j, k] * c[i, k] * exp(b[j, k // 4])) }
fn pairs(x: f32[M, D], w: f32[D, E], y: f32[N, E]) -> f32[M, N] { out[m, n] = sum[d, e](x[m, d] * w[d, e] * y[n, e]) }
fn below(x: f32[M, D], w: f32[D, E], y: f32[N, E]) -> f32[M, N] { out[m, n] = sum[d, e | e <= m](x[m, d] * w[d, e] * y[n, e]) }
fn tied(x: f32[M, D], w: f32[D, E], y: f32[N, E]) -> f32[M, N] { out[m, n] = sum[d, e | e <= d](x[m, d] * w[d, e] * y[n, e]) }
fn core(g: f32[P, Q], a: f32[I, P], b: f32[J, Q], s: f32[I]) -> f32[I, J] { out[i, j] = sum[p, q](g[p, q] * a[i, p] * b[j, q] / s[i]) }
fn row(w: f32[N, K], x: f32[K], g: f32[K]) -> f32[N, 1] { out[n, z] = sum[k](w[n, k] * x[k] * g[k]) }

fn terms(a: f32[I, K], b: f32[J, K], c: f32[I, K], s: f32[J]) -> f32[I, J] {
    out[i, j] = sum[k | k % 3 != 1](-c[i, k] * b[j, k] + a[i, k] * b[j, k] - s[j] + c[i, k] ^ 2)
}
fn stairs(a: f32[I, K], b: f32[J, K]) -> f32[I, J] { out[i, j] = sum[k, m: K | m < k](a[i, k] * b[j, m] - a[i, m] * b[j, k]) }

fn filled(M: int, N: int, s: int) -> f32[M, N] {
    out[i, j] = f32((7 * i + 5 * j + s) % 11 - 5) * 0.25
}

fn all(n: int) where n >= 1 {
    let a = filled(n, 20, 1)
    let b = filled(9, 20, 2)
    let c = filled(n, 20, 3)
    let w = filled(20, 20, 4)
    let s[j: 9] = f32(j) + 0.5
    let u[i: n] = f32(i) + 0.5
    let c0 = c[0]
    let ac[i, k] = a[i, k] * c0[k]
    let bs[j, k] = b[j, k] / (s[j] * sqrt(20.0))
    let ac2[i, k] = a[i, k] * c[i, k]
    let be[j, k] = b[j, k] * exp(b[j, k // 4])
    let lower[d, e] = if e <= d { w[d, e] } else { 0.0 }
    let cut[i, j] = sum[e: 20 | e <= i](sum[d](a[i, d] * w[d, e]) * b[j, e])
    let r = row(b, a[0], c0)
    let t[i, j] = sum[k: 20](if k % 3 != 1 { (a[i, k] - c[i, k]) * b[j, k] - s[j] + c[i, k] * c[i, k] } else { 0.0 })
    let low[k: 20, m: 20] = if m < k { 1.0 } else { 0.0 }
    print(near(scaled(a, b, c0), ac @ b.T), near(divided(a, b, s), a @ bs.T), near(both(a, b, c), ac2 @ be.T), near(pairs(a, w, b), a @ w @ b.T),
          near(below(a, w, b), cut), near(tied(a, w, b), a @ lower @ b.T), near(core(w, a, b, u), map[i: n, j: 9]((a @ w @ b.T)[i, j] / u[i])), near(r, map[j: 9, z: 1](sum[k](b[j, k] * ac[0, k]))),
          near(terms(a, b, c, s), t), near(stairs(a, b), a @ low @ b.T - a @ low.T @ b.T))
}

all(1)
all(4)
all(37)

# infinite factors, zeros and divisors are what they are term by term
let x = [[1.0, inf, 0.0], [1.0, 2.0, 0.0], [-inf, inf, 1.0]]
let y = [[1.0, 1.0, 1.0], [0.0, 1.0, inf], [1.0, 2.0, 3.0]]
print(scaled(x, y, [1.0, 1.0, 1.0]))
print(divided(x, y, [1.0, 0.0, inf]))
# > true true true true true true true true true true
# > true true true true true true true true true true
# > true true true true true true true true true true
# > [[inf, nan, inf],
# >  [3.0, nan, 5.0],
# >  [nan, nan, nan]]
# > [[inf, nan, nan],
# >  [1.732, nan, 0.0],
# >  [nan, nan, nan]]
