# Products of several factors that share rows with the lanes, summed over two indices and three: to the last bit, for rows and features of all sizes, with
# differences in place of factors, tensors that are stored before, one row, none.
fn all(x: f32[N]) -> i64 { sum[n](i64(f64(x[n]) * 2 ^ 24) * (n % 13 + 1)) }
fn form(x: f32[N, D], p: f32[D, D]) -> f32[N] { out[n] = sum[i, j](x[n, i] * p[i, j] * x[n, j]) }
fn distance(x: f32[N, D], m: f32[D], p: f32[D, D]) -> f32[N] { out[n] = sum[i, j]((x[n, i] - m[i]) * p[i, j] * (x[n, j] - m[j])) }
fn centred(x: f32[N, D], m: f32[D], p: f32[D, D]) -> f32[N] {
    let c[n, d] = x[n, d] - m[d]
    out[n] = sum[i, j](c[n, i] * p[i, j] * c[n, j])
}
fn two(x: f32[N, A], w: f32[A, B], y: f32[N, B]) -> f32[N] { out[n] = sum[a, b](x[n, a] * w[a, b] * y[n, b]) }
fn three(w: f32[A, B, C], x: f32[N, A], y: f32[N, B], z: f32[N, C]) -> f32[N] { out[n] = sum[a, b, c](w[a, b, c] * x[n, a] * y[n, b] * z[n, c]) }
fn few(x: f32[N, D], p: f32[3, D]) -> f32[N] { out[n] = sum[i: 3, j](x[n, j] * p[i, j] * x[n, i]) }
fn xs(N: int, D: int) -> f32[N, D] where N >= 0 and D >= 0 { out[n: N, d: D] = f32((n * 31 + d * 7) * 17 % 101) / 97 - 0.5 }
let m[d: 30] = f32(d) / 31
print(all(form(xs(1, 30), xs(30, 30))), all(form(xs(40, 30), xs(30, 30))), all(form(xs(70, 3), xs(3, 3))), all(form(xs(0, 3), xs(3, 3))))
print(all(distance(xs(1, 30), m, xs(30, 30))), all(distance(xs(97, 30), m, xs(30, 30))), all(centred(xs(97, 30), m, xs(30, 30))), all(centred(xs(33, 30), m, xs(30, 30))))
print(all(two(xs(50, 20), xs(20, 9), xs(50, 9))), all(two(xs(5, 1), xs(1, 9), xs(5, 9))), all(few(xs(50, 20), xs(3, 20))))
let w[a: 4, b: 5, c: 17] = f32((a * 5 + b * 3 + c * 11) % 23) / 29 - 0.3
print(all(three(w, xs(37, 4), xs(37, 5), xs(37, 17))))
# > -9270782 185105616 -189484167 0
# > 35633088 29876680011 29876680011 9875823229
# > -44944371 -12041988 132890433
# > 11832633
