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
all(264, 270, 17)
all(40, 1100, 18)
all(130, 40, 70)
all(64, 256, 32)
# > 1 1 1 (0.0, 0.6239, 0) (0.0, 0.6239, 0) (0.0, 0.6239, 0) (0.0, 0.6239, 0)
# > (0.0, 0.6239, 0) (0.0, 0.0, 1) (0.0, 0.0, 1) (0.0, 1.0, 0)
# > (0.0, 0.3983, 0) (0.0, 0.624, 0) (0.0, -1.572, 0) 0
# > 0 0 0 0 0 0
# > 17 300 33 (32.12, 1.488, 0) (67.76, 5.438, 0) (7.318, 0.9733, 0) (32.12, 1.488, 0)
# > (32.12, 1.488, 0) (32.12, 1.488, 0) (127.0, 5.438, 17) (2911.0, 10.05, 0)
# > (-37.14, 1.522, 0) (50.84, 5.246, 0) (-533.0, 5.236, 0) 0
# > 0 0 0 0 0 0
# > 264 270 17 (-126.4, 4.544, 0) (186.3, 4.547, 0) (-40.3, 1.059, 0) (-126.4, 4.544, 0)
# > (-126.4, 4.544, 0) (-14.57, 4.544, 129) (233.9, 4.547, 136) (2.265e+04, 10.47, 0)
# > (-84.41, 4.528, 0) (98.96, 5.211, 0) (-3855.0, 8.682, 0) 0
# > 0 0 0 0 0 0
# > 40 1100 18 (-22.21, 2.582, 0) (60.3, 5.773, 0) (2.624, 1.059, 0) (-22.21, 2.582, 0)
# > (-22.21, 2.582, 0) (-22.21, 2.582, 0) (185.8, 5.773, 40) (3764.0, 11.38, 0)
# > (-30.92, 1.965, 0) (15.57, 5.227, 0) (-805.1, 6.58, 0) 0
# > 0 0 0 0 0 0
# > 130 40 70 (-77.33, 2.618, 0) (-91.65, 2.63, 0) (-40.04, 1.059, 0) (-77.33, 2.618, 0)
# > (-77.33, 2.618, 0) (-28.18, 2.613, 110) (-151.2, 2.625, 21) (4.522e+04, 6.152, 0)
# > (-63.0, 3.615, 0) (-23.69, 2.586, 0) (191.6, 7.787, 0) 0
# > 0 0 0 0 0 0
# > 64 256 32 (-29.15, 2.857, 0) (39.14, 4.47, 0) (12.63, 1.059, 0) (-29.15, 2.857, 0)
# > (-29.15, 2.857, 0) (-29.15, 2.857, 0) (80.03, 4.47, 64) (1.046e+04, 10.07, 0)
# > (-28.61, 2.675, 0) (-43.44, 4.891, 0) (-1793.0, 7.787, 0) 0
# > 0 0 0 0 0 0
