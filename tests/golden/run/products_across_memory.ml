# Factors whose axes lie in any order, of sums over several indices and of several factors: the same as of factors in the order in which they are read, element by element.
fn first(x: f32[A, U, C], y: f32[B, U, C, A], z: f32[A, U, B, C]) -> f32[A, C, B] { out[a, c, b] = sum[u](x[a, u, c] * y[b, u, c, a] * z[a, u, b, c]) }
fn second(x: f32[V, W, A, U], g: f32[W], y: f32[A, W, U, V]) -> f32[A] { out[a] = sum[u, v, w](x[v, w, a, u] * g[w] * y[a, w, u, v]) }
fn third(x: f32[V, U, A], y: f32[A, U, W], z: f32[W, U, V, A]) -> f32[A] { out[a] = sum[u, v, w](x[v, u, a] * y[a, u, w] * z[w, u, v, a]) }
fn fourth(g: f32[U], x: f32[D, U], y: f32[B, U, A, C]) -> f32[D, C, A, B] { out[d, c, a, b] = sum[u](g[u] * x[d, u] * y[b, u, a, c]) }
fn fifth(x: f64[C, U], y: f64[D, A, U, B], z: f64[A, D, U]) -> f64[B, C, D, A] { out[b, c, d, a] = sum[u](x[c, u] * y[d, a, u, b] * z[a, d, u]) }
fn sixth(x: f32[A, U, B], y: f32[U, C, B]) -> f32[A, C, B] { out[a, c, b] = sum[u](x[a, u, b] * y[u, c, b]) }
fn moved(x: f32[C, B, A]) -> f32[A, B, C] { out[a, b, c] = x[c, b, a] }

fn compare(A: int, B: int, C: int, U: int) {
    let D = U + 1
    let x[a: A, u: U, c: C] = f32((a * 5 + u * 3 + c * 7) % 11 - 5)
    let y[b: B, u: U, c: C, a: A] = f32((b * 3 + u * u + c + a * 2) % 7 - 3)
    let z[a: A, u: U, b: B, c: C] = f32((a + u * 2 + b * 5 + c * 3) % 5 - 2)
    let r[a: A, c: C, b: B] = sum[u](x[a, u, c] * (y[b, u, c, a] * z[a, u, b, c]))
    let g[w: C] = f32(w % 3 - 1)
    let y2[a: A, w: C, u: U, v: B] = y[v, u, w, a]
    let x2[v: B, w: C, a: A, u: U] = z[a, u, v, w]
    let s[a: A] = sum[u, v, w](z[a, u, v, w] * g[w] * y[v, u, w, a])
    let x3[v: B, u: U, a: A] = f32((v * 3 + u + a * 2) % 7 - 3)
    let z3[w: C, u: U, v: B, a: A] = y[v, u, w, a]
    let t[a: A] = sum[u, v, w](f32((v * 3 + u + a * 2) % 7 - 3) * x[a, u, w] * y[v, u, w, a])
    let e[u: U] = f32(u % 4 - 1)
    let x4[d: D, u: U] = f32((d * 3 + u) % 5 - 2)
    let y4[b: B, u: U, a: A, c: C] = y[b, u, c, a]
    let v4[d: D, c: C, a: A, b: B] = sum[u](e[u] * f32((d * 3 + u) % 5 - 2) * y[b, u, c, a])
    let x5[c: C, u: U] = f64((c * 3 + u) % 5 - 2)
    let y5[d: D, a: A, u: U, b: B] = f64((d + a * 2 + u * 3 + b) % 7 - 3)
    let z5[a: A, d: D, u: U] = f64((a + d * 2 + u) % 3 - 1)
    let v5[b: B, c: C, d: D, a: A] = sum[u: U](f64(((c * 3 + u) % 5 - 2) * ((d + a * 2 + u * 3 + b) % 7 - 3) * ((a + d * 2 + u) % 3 - 1)))
    let m[c: C, b: B, a: A] = f32(c * 10000 + b * 100 + a)
    let n = moved(m)
    let x6[a: A, u: U, b: B] = z[a, u, b, 0]
    let y6[u: U, c: C, b: B] = x[0, u, c] - f32(b)
    let v6[a: A, c: C, b: B] = sum[u](z[a, u, b, 0] * (x[0, u, c] - f32(b)))
    print(max[a, c, b](abs(first(x, y, z)[a, c, b] - r[a, c, b])), max[a](abs(second(x2, g, y2)[a] - s[a])), max[a](abs(third(x3, x2_of(x), z3)[a] - t[a])),
          max[d, c, a, b](abs(fourth(e, x4, y4)[d, c, a, b] - v4[d, c, a, b])), max[b, c, d, a](abs(fifth(x5, y5, z5)[b, c, d, a] - v5[b, c, d, a])),
          max[a, c, b](abs(sixth(x6, y6)[a, c, b] - v6[a, c, b])), max[a, b, c](abs(n[a, b, c] - f32(c * 10000 + b * 100 + a))), sum[a](s[a]), sum[a](t[a]), sum[d, c, a, b](v4[d, c, a, b] * f32(d - b)))
}
fn x2_of(x: f32[A, U, C]) -> f32[A, U, C] { out[a, u, c] = x[a, u, c] }

compare(5, 3, 4, 2)
compare(17, 2, 9, 3)
compare(3, 19, 21, 2)

# > 0.0 0.0 0.0 0.0 0.0 0.0 0.0 -4.0 103.0 4.0
# > 0.0 0.0 0.0 0.0 0.0 0.0 0.0 -24.0 -24.0 13.0
# > 0.0 0.0 0.0 0.0 0.0 0.0 0.0 1.0 200.0 0.0
