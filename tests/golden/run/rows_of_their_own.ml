# Products of which each row has places of its own go in blocks where the other factor is finite, with 0 outside; the bits are those of the plain loops, and infinities stay outside.
# long
fn low(a: f32[N, K], b: f32[K, M]) -> f32[N, M] {
    let o[i, j] = sum[k | k <= i](a[i, k] * b[k, j])
    o
}
fn high(a: f32[N, K], b: f32[K, M]) -> f32[N, M] {
    let o[i, j] = sum[k | k >= i](a[i, k] * b[k, j])
    o
}
fn window(a: f32[N, K], b: f32[K, M], w: int) -> f32[N, M] {
    let o[i, j] = sum[k | k <= i and i - k < w](a[i, k] * b[k, j])
    o
}
fn turned(a: f32[K, N], b: f32[M, K], n: int[N]) -> f32[N, M] {
    let o[i, j] = 2.0 * sum[k | k < n[i]](a[k, i] * b[j, k]) + 1.0
    o
}
fn heads(p: f32[H, T, T], v: f32[H, T, D]) -> f32[T, H, D] {
    let o[i, h, d] = sum[j | j <= i](p[h, i, j] * v[h, j, d])
    o
}
fn groups(p: f32[H, T, T], v: f32[G, T, D]) -> f32[T, H, D] where G >= 1, H % G == 0 {
    let o[i, h, d] = sum[j | j <= i](p[h, i, j] * v[h // (H / G), j, d])
    o
}
fn half(a: f16[N, K], b: f16[K, M]) -> f16[N, M] {
    let o[i, j] = sum[k | k % 3 <= i % 3](a[i, k] * b[k, j])
    o
}
fn told(o: f32[N, M]) -> (f32, f32, int) {
    let good[i, j] = if abs(o[i, j]) < 1e30 { o[i, j] } else { 0.0 }
    (sum[i, j](good[i, j] * f32((i * 7 + j * 3) % 11)), max[i, j](good[i, j]), count[i, j](not (abs(o[i, j]) < 1e30)))
}
# A column that is infinite: all go as plain loops. How many of the others differ.
fn apart(o: f32[N, M], plain: f32[N, M + 1]) -> int = count[i, j](not (abs(o[i, j] - plain[i, j]) <= 0.0))
fn all(N: int, K: int, M: int) {
    let a[i: N, k: K] = f32((i * 37 + k * 11) % 101 - 50) / 61.0
    let b[k: K, j: M] = f32((k * 29 + j * 17) % 103 - 51) / 67.0
    let more[k: K, j: M + 1] = if j == M { 1.0 / 0.0 } else { f32((k * 29 + j * 17) % 103 - 51) / 67.0 }
    let bad[k, j] = if k == K // 2 and j == M // 3 { 1.0 / 0.0 } else { b[k, j] }
    let worse[i, k] = if k == i + 1 { 0.0 / 0.0 } else { a[i, k] }
    let at[k: K, i: N] = a[i, k]
    let bt[j: M, k: K] = b[k, j]
    let mt[j: M + 1, k: K] = more[k, j]
    let n[i: N] = (i * i) % (K + 3)
    print(N, K, M, told(low(a, b)), told(high(a, b)), told(window(a, b, 3)), told(window(a, b, 300)))
    print(told(low(worse, b)), told(low(a, bad)), told(high(a, bad)), told(turned(at, bt, n)))
    let p[h: 2, i: N, j: N] = f32((h * 13 + i * 37 + j * 11) % 101 - 50) / 61.0
    let v[h: 2, j: N, d: M] = f32((h * 7 + j * 29 + d * 17) % 103 - 51) / 67.0
    let vm[h: 2, j: N, d: M + 1] = if d == M { 1.0 / 0.0 } else { f32((h * 7 + j * 29 + d * 17) % 103 - 51) / 67.0 }
    let u = heads(p, v)
    let um = heads(p, vm)
    let ah[i: N, k: K] = f16(a[i, k])
    let bh[k: K, j: M] = f16(b[k, j])
    let mh[k: K, j: M + 1] = f16(more[k, j])
    let o = half(ah, bh)
    let om = half(ah, mh)
    let oh[i, j] = f32(o[i, j])
    let omh[i, j] = f32(om[i, j])
    let u1[i: N, d: M] = u[i, 1, d]
    let um1[i: N, d: M + 1] = um[i, 1, d]
    let pg[h: 4, i: N, j: N] = p[h % 2, i, j] + f32(h)
    let g = groups(pg, v)
    let gm = groups(pg, vm)
    let g3[i: N, d: M] = g[i, 3, d]
    let gm3[i: N, d: M + 1] = gm[i, 3, d]
    print(told(u1), told(oh), told(g3), apart(g3, gm3))
    print(apart(low(a, b), low(a, more)), apart(high(a, b), high(a, more)), apart(window(a, b, 3), window(a, more, 3)), apart(turned(at, bt, n), turned(at, mt, n)), apart(u1, um1), apart(oh, omh))
}
all(1, 1, 1)
all(17, 300, 33)
all(260, 262, 17)
all(20, 600, 18)
all(70, 40, 36)
all(32, 256, 16)
# > 1 1 1 (0.0, 0.6239, 0) (0.0, 0.6239, 0) (0.0, 0.6239, 0) (0.0, 0.6239, 0)
# > (0.0, 0.6239, 0) (0.0, 0.0, 1) (0.0, 0.0, 1) (0.0, 1.0, 0)
# > (0.0, 0.3983, 0) (0.0, 0.624, 0) (0.0, -1.572, 0) 0
# > 0 0 0 0 0 0
# > 17 300 33 (32.12, 1.488, 0) (67.76, 5.438, 0) (7.318, 0.9733, 0) (32.12, 1.488, 0)
# > (32.12, 1.488, 0) (32.12, 1.488, 0) (127.0, 5.438, 17) (2911.0, 10.05, 0)
# > (-37.14, 1.522, 0) (50.84, 5.246, 0) (-533.0, 5.236, 0) 0
# > 0 0 0 0 0 0
# > 260 262 17 (-113.3, 4.544, 0) (74.78, 4.464, 0) (-26.14, 1.059, 0) (-113.3, 4.544, 0)
# > (-113.3, 4.544, 0) (-0.9393, 4.544, 129) (56.19, 4.464, 132) (2.177e+04, 10.71, 0)
# > (-68.67, 4.528, 0) (21.87, 5.078, 0) (-3904.0, 8.682, 0) 0
# > 0 0 0 0 0 0
# > 20 600 18 (-13.56, 1.488, 0) (-20.33, 4.706, 0) (-8.48, 1.034, 0) (-13.56, 1.488, 0)
# > (-13.56, 1.488, 0) (-13.56, 1.488, 0) (-59.74, 4.706, 20) (1944.0, 9.794, 0)
# > (16.66, 1.63, 0) (-147.2, 4.715, 0) (-212.1, 6.58, 0) 0
# > 0 0 0 0 0 0
# > 70 40 36 (-136.4, 2.618, 0) (-64.97, 2.63, 0) (-17.84, 1.059, 0) (-136.4, 2.618, 0)
# > (-136.4, 2.618, 0) (-88.76, 2.618, 50) (-74.71, 2.63, 21) (1.242e+04, 6.152, 0)
# > (-15.82, 2.675, 0) (-59.75, 2.135, 0) (-1139.0, 7.787, 0) 0
# > 0 0 0 0 0 0
# > 32 256 16 (-63.04, 1.641, 0) (103.6, 4.47, 0) (-18.06, 1.034, 0) (-63.04, 1.641, 0)
# > (-63.04, 1.641, 0) (-63.04, 1.641, 0) (45.53, 4.47, 32) (2723.0, 9.743, 0)
# > (-10.08, 1.965, 0) (96.28, 4.891, 0) (-1024.0, 4.374, 0) 0
# > 0 0 0 0 0 0
