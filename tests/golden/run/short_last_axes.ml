# Products whose last axis has two to four places: lanes run over the axis before, whatever its size; with what follows, in f64, over several indices, with parts of
# an index that is divided.
fn all(x: f32[N]) -> i64 { sum[n](i64(f64(x[n]) * 2 ^ 20) * (n % 13 + 1)) }
fn points(p: f32[K, N], x: f32[K, 3]) -> f32[N, 3] { out[n, c] = sum[k](p[k, n] * x[k, c]) }
fn pairs(p: f32[K, B, N], x: f32[B, K, 2], b: f32[2]) -> f32[B, N, 2] { out[m, n, c] = relu(sum[k](p[k, m, n] * x[m, k, c]) + b[c]) }
fn doubles(p: f64[K, N], x: f64[K, 4]) -> f64[N, 4] { out[n, c] = sum[k](p[k, n] * x[k, c]) }
fn parts(m: f32[4, 4, O, H, W], a: f32[2, 4]) -> f32[O, 2 * H, 2 * W] {
    out[o, y, z] = sum[i: 4, j: 4](a[y % 2, i] * m[i, j, o, y // 2, z // 2] * a[z % 2, j])
}
fn xs(N: int, D: int) -> f32[N, D] where N >= 0 and D >= 0 { out[n: N, d: D] = f32((n * 31 + d * 7) * 17 % 101) / 97 - 0.5 }
fn ms(O: int, H: int, W: int) -> f32[4, 4, O, H, W] where O >= 0, H >= 0, W >= 0 { out[i: 4, j: 4, o: O, y: H, z: W] = f32((i * 3 + j * 5 + o * 7 + y * 11 + z * 13) % 17) / 19 - 0.4 }
fn flat(N: int, K: int) -> i64 where N >= 0, K >= 0 { all(reshape(points(xs(K, N), xs(K, 3)), 3 * N)) }
fn both(N: int, K: int) -> i64 where N >= 0, K >= 0 {
    let p[k, m: 3, n: N] = xs(K, N)[k, n] * f32(m + 1)
    let x[m: 3, k, c: 2] = xs(K, 6)[k, 2 * m + c]
    all(reshape(pairs(p, x, [0.25, -0.125]), 6 * N))
}
fn wide(N: int, K: int) -> f64 where N >= 0, K >= 0 {
    let p[k, n] = f64(xs(K, N)[k, n])
    let x[k, c] = f64(xs(K, 4)[k, c])
    let y = doubles(p, x)
    sum[n, c](y[n, c] * f64((n + 3 * c) % 7))
}
fn cut(O: int, H: int, W: int) -> i64 where O >= 0, H >= 0, W >= 0 { all(reshape(parts(ms(O, H, W), [[1.0, 1.0, 1.0, 0.0], [0.0, 1.0, -1.0, -1.0]]), 4 * O * H * W)) }
print(flat(1, 20), flat(2, 300), flat(9, 20), flat(16, 5), flat(37, 20), flat(300, 9), flat(0, 4), flat(5, 0))
print(both(1, 20), both(17, 20), both(33, 300), wide(5, 20), wide(50, 20))
print(cut(1, 1, 1), cut(3, 2, 7), cut(2, 5, 14), cut(2, 3, 40), cut(0, 3, 3))
# > 222497 180774667 17627865 2932442 34607162 -16096256 0 0
# > 12192579 643756336 15388872264 4.482 -5.996
# > -5121460 -47395729 240344312 292905308 0
