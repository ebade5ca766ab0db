# Sums in blocks of whose places a guard leaves some: the same bits as with few rows, which the plain loops take.
fn up(x: f32[B, C, H, W], w: f32[C, O, 5, 5]) -> f32[B, O, 2 * H - 1, 2 * W] where H >= 1 {
    out[b, o, y, z] = sum[c, i, j | (y + 2 - i) % 2 == 0 and (z + 2 - j) % 2 == 0](w[c, o, i, j] * (x[b, c, (y + 2 - i) // 2, (z + 2 - j) // 2] ?? 0.0))
}
fn last(x: f32[B, H, W, C], w: f32[3, 3, C, O]) -> f32[B, 2 * H - 1, 2 * W - 1, O] where H >= 1, W >= 1 {
    out[b, y, z, o] = sum[i, j, c | (y + 1 - i) % 2 == 0 and (z + 1 - j) % 2 == 0](w[i, j, c, o] * (x[b, (y + 1 - i) // 2, (z + 1 - j) // 2, c] ?? 0.0))
}
fn line(x: f32[B, C, L], w: f32[O, C, 4], k: int) -> f32[B, O, 3 * L - 1] where L >= 1 {
    out[b, o, t] = sum[c, i | (t + 1 - i) % 3 == 0 and c >= k](w[o, c, i] * (x[b, c, (t + 1 - i) // 3] ?? 0.0))
}
fn kept(p: f32[B, T, S], v: f32[B, S, D], m: bool[B, S]) -> f32[B, T, D] {
    out[b, t, d] = sum[s | m[b, s]](p[b, t, s] * v[b, s, d])
}
fn some(w: f16[O, C, 3], x: f16[B, C, L], lo: i64[B], hi: i64[B]) -> f16[B, O, L] {
    out[b, o, l] = sum[c, i | c >= lo[b] and c < hi[b] and i != 1](w[o, c, i] * (x[b, c, l + i - 1] ?? 0.0))
}
fn drawn(n: i64, k: i64) -> f32[n] {
    out[i: n] = f32(((i + k) * 7919 + (i * i) % 1013) % 201) * 0.0123 - 1.1
}
fn same(x: f32, y: f32) -> bool = x <= y and x >= y
fn hash(y: f32[N]) -> f32 = sum[n](y[n] * f32(n % 7 + 1))

let x = reshape(drawn(24 * 5 * 6, 1), 1, 24, 5, 6)
let w = reshape(drawn(24 * 40 * 25, 2), 24, 40, 5, 5)
let u = up(x, w)
print("up", hash(reshape(u, 40 * 9 * 12)), all[b: 1, o: 8, y: 9, z: 12](same(u[b, o, y, z], up(x, w[:, 0:8])[b, o, y, z])))
let xl = reshape(drawn(5 * 6 * 40, 3), 1, 5, 6, 40)
let wl = reshape(drawn(9 * 40 * 40, 4), 3, 3, 40, 40)
let ul = last(xl, wl)
print("last", hash(reshape(ul, 9 * 11 * 40)), all[b: 1, y: 9, z: 3, o: 40](same(ul[b, y, z, o], last(xl[:, :, 0:3], wl)[b, y, z, o]) or z >= 2))
let x1 = reshape(drawn(3 * 90 * 20, 5), 3, 90, 20)
let w1 = reshape(drawn(48 * 90 * 4, 6), 48, 90, 4)
let u1 = line(x1, w1, 7)
let nothing = line(x1, w1, 90)
let u8 = line(x1, w1[0:8], 7)
print("line", hash(reshape(u1, 3 * 48 * 59)), all[b: 3, o: 8, t: 59](same(u1[b, o, t], u8[b, o, t])), sum[b: 3, o: 48, t: 59](abs(nothing[b, o, t])))
let p = reshape(drawn(2 * 20 * 700, 7), 2, 20, 700)
let v = reshape(drawn(2 * 700 * 33, 8), 2, 700, 33)
fn mask(b: i64, s: i64) -> bool[b, s] {
    out[i: b, j: s] = (i * 5 + j * 3) % 11 > 4 and (j < 256 or j >= 512)
}
let m = mask(2, 700)
let k = kept(p, v, m)
print("kept", hash(reshape(k, 2 * 20 * 33)), all[b: 2, t: 4, d: 33](same(k[b, t, d], kept(p[:, 0:4], v, m)[b, t, d])))
let xh = f16(x1 * 0.25)
let wh = f16(reshape(drawn(48 * 90 * 3, 9), 48, 90, 3) * 0.25)
let lo = i64([0, 40, 89])
let hi = i64([90, 41, 89])
let s = some(wh, xh, lo, hi)
print("some", f32(s)[0, 47, 0:3], f32(s)[1, 47, 0:3], f32(s)[2, 47, 0:3], all[b: 3, o: 8, l: 20](same(f32(s[b, o, l]), f32(some(wh[0:8], xh, lo, hi)[b, o, l]))))
# long
# > up 3.723e+04 true
# > last 2.125e+04 true
# > line 6.615e+04 true 0.0
# > kept 2.519e+04 true
# > some [-0.1578, 0.449, 0.4607] [-0.06305, -0.01492, -0.001451] [0.0, 0.0, 0.0] true
