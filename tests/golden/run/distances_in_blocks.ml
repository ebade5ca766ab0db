# Sums over two rows that are no products, of many rows in blocks and of few in plain loops: the same bits.
fn squares(a: f32[N, D], b: f32[M, D]) -> f32[N, M] { out[i, j] = sum[d]((a[i, d] - b[j, d]) ^ 2) }
fn apart(a: f32[N, D], b: f32[M, D]) -> f32[N, M] { out[i, j] = sqrt(sum[d](abs(b[j, d] - a[i, d]))) + f32(i - j) * 0.01 }
fn kernel(a: f32[N, D], b: f32[M, D], w: f32[D]) -> f32[N, M] { out[i, j] = exp(-0.1 * sum[d](w[d] * (a[i, d] * 2 - exp(b[j, d])) ^ 2)) }
fn batched(a: f32[B, N, D], b: f32[B, M, D]) -> f32[B, N, M] { out[c, i, j] = sum[d](max(a[c, i, d], b[c, j, d])) }
fn wide(a: f64[N, D], b: f64[M, D]) -> f64[N, M] { out[i, j] = sum[d]((a[i, d] - b[j, d]) ^ 2) }
# Within a bound of the columns, and of what two loads of one row are made of.
fn some(a: f32[N, D], b: f32[M, D], n: int) -> f32[N, M] { out[i, j] = if j < n { sum[d]((a[i, d] - b[j, d]) ^ 2) } else { -1.0 } }
fn both(a: f32[N, D], b: f32[M, D]) -> f32[N, M] where D >= 1 { out[i, j] = sum[d]((a[i, d] - b[j, d]) * (a[i, D - 1 - d] + b[j, d])) }

let a3[n: 77, d: 3] = sin(f32(n * 3 + d))
let b3[m: 133, d: 3] = cos(f32(m * 5 + d * 2))
let a20[n: 70, d: 20] = sin(f32(n * 7 + d * 3))
let b20[m: 97, d: 20] = cos(f32(m * 3 + d * 5))
let a300[n: 40, d: 300] = sin(f32(n + d * 3)) * 0.2
let b300[m: 64, d: 300] = cos(f32(m * 3 + d * 5)) * 0.2
let w[d: 20] = f32(d % 3) + 0.5
let f[n: 70, d: 20] = f64(a20[n, d])
let g[m: 97, d: 20] = f64(b20[m, d])
print(norm(squares(a3, b3)), norm(squares(a20, b20)), norm(squares(a300, b300)), norm(apart(a3, b3)), norm(kernel(a20, b20, w)))
print(squares(a300, b300)[39, 60:], apart(a20, b20)[69, 94:], kernel(a20, b20, w)[68, 93:])
print(norm(squares(a3, b3)[70:] - squares(a3[70:], b3)), norm(squares(a300, b300)[37:] - squares(a300[37:], b300)), norm(squares(a20, b20)[:, 90:] - squares(a20, b20[90:])))
print(norm(apart(a20, b20)[:5] - apart(a20[:5], b20)), norm(kernel(a20, b20, w)[64:] - kernel(a20[64:], b20, w)))
let more[c: 2, n: 77, d: 3] = a3[n, d] * f32(c + 1)
let many[c: 2, m: 133, d: 3] = b3[m, d] + f32(c)
print(norm(batched(more, many)), norm(batched(more, many)[1] - batched(more[1:], many[1:])[0]), norm(wide(f, g)), norm(wide(f, g)[69:] - wide(f[69:], g)))
print(norm(some(a20, b20, 50)), norm(some(a20, b20, 0)), norm(both(a20, b20)), len(squares(a3[:0], b3)))
# > 347.3 1654.0 607.0 137.7 0.003264
# > [11.93, 11.95, 11.95, 11.95] [3.907, 3.721, 3.826] [3.791e-07, 2.335e-06, 8.984e-07, 1.717e-06]
# > 0.0 0.0 0.0
# > 0.0 0.0
# > 421.8 0.0 1654.0 0.0
# > 1189.0 82.4 1083.0 0
