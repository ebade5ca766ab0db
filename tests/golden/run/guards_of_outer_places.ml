# What a guard says of outer places of a sum is asked before its inner loops: residues, masks of rows, several conditions, nothing at all inside; places keep
# their blocks of 256, and a fault is none where the guard is false.
fn transposed(x: f32[H, W, C], w: f32[3, 3, C, O]) -> f32[2 * H - 1, 2 * W - 1, O] where H >= 1, W >= 1 {
    out[y, z, o] = sum[i, j, c | (y + 1 - i) % 2 == 0 and (z + 1 - j) % 2 == 0](w[i, j, c, o] * (x[(y + 1 - i) // 2, (z + 1 - j) // 2, c] ?? 0))
}
fn masked(x: f32[T, D], m: bool[T], w: f32[T, D, N]) -> f32[N] {
    out[n] = sum[t, d | m[t]](x[t, d] * w[t, d, n])
}
fn several(x: f32[A, B, C], k: int) -> (f32[C], i64, f32) {
    let s[c] = sum[a, b | a % 2 == 0 and a + b < k](x[a, b, c])
    let n = count[a, b, c | a != 1](x[a, b, c] > 0)
    let m = max[a, b, c | a > 0 and b != 1 and c < a](x[a, b, c])
    (s, n, m)
}
fn looked_up(x: f32[T, D], at: i32[T], w: f32[V, D]) -> f32 {
    sum[t, d | at[t] >= 0](x[t, d] * w[at[t], d])
}
let x[i: 4, j: 5, c: 70] = f32((i * 7 + j * 3 + c) % 11 - 5)
let w[i: 3, j: 3, c: 70, o: 20] = f32((i * 5 + j * 2 + c * 3 + o) % 13 - 6)
let y = transposed(x, w)
print(y[3, 4, :5], y[6, 8, 15:], sum[i, j, o](y[i, j, o] * f32((i + 2 * j + o) % 7)))
let r[t: 9, d: 70] = x[t // 5, t % 5, d]
let m[t: 9] = t % 3 == 1
let v[t: 9, d: 70, n: 18] = w[t // 3, t % 3, d, n]
let p = masked(r, m, v)
print(p[:6], sum[n](abs(p[n] - sum[k: 3](sum[d](r[3 * k + 1, d] * v[3 * k + 1, d, n])))))
let (s, n, most) = several(x, 5)
print(s[:6], sum(s), n, most)
let at: i32[9] = [-1, 3, -1, 0, 8, -1, -1, 2, 1]
print(looked_up(r, at, r))
# > [19.0, -13.0, 7.0, 14.0, 73.0] [-50.0, 1.0, 13.0, 51.0, 37.0] 1.444e+04
# > [118.0, 74.0, 43.0, -14.0, -45.0, 2.0] 0.0
# > [-3.0, 5.0, -9.0, -1.0, 7.0, -7.0] -8.0 473 5.0
# > -778.0
