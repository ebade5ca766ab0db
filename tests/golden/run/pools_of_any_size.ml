# Ends of an adaptive pool (a quotient of a product of sizes), products with the summed index itself, at both ends of what an int holds: bounds that say
# what the comparison does. A product that passes 2^63 fails where a place asks for it, and nowhere else.
fn pool(x: f32[C, H, W], P: int, Q: int) -> f32[C, P, Q] where P >= 1 and Q >= 1 {
    out[c, p, q] = mean[y, z | y >= p * H // P and y < (p + 1) * H // P and z >= q * W // Q and z < ((q + 1) * W + Q - 1) // Q](x[c, y, z])
}
fn products(x: f32[Y], P: int) -> (f32[P], f32[P]) where P >= 1 {
    let s[p: P] = sum[y | p * Y < (y + 1) * P and y * P < (p + 1) * Y](x[y])
    let m[p: P] = max[y | p * Y // P <= y and y <= ((p + 1) * Y - 1) // P](x[y])
    (s, m)
}
fn most(x: f32[Y], P: int, w: int) -> f32 where P >= 1 = sum[y | y * P <= w](x[y])
fn below(x: f32[Y], P: int, w: int) -> f32 where P >= 1 = sum[y | y * P < w](x[y])
fn least(x: f32[Y], P: int, w: int) -> f32 where P >= 1 = sum[y | w <= y * P](x[y])
fn above(x: f32[Y], P: int, w: int) -> f32 where P >= 1 = sum[y | w < y * P](x[y])
fn equal(x: f32[Y], P: int, w: int) -> f32 where P >= 1 = sum[y | w == y * P](x[y])
fn threes(x: f32[Y], w: int) -> (f32, f32, f32, f32) {
    (sum[y | y * 3 <= w](x[y]), sum[y | y * 3 < w](x[y]), sum[y | w <= y * 3](x[y]), sum[y | w < y * 3](x[y]))
}
fn sides(x: f32[Y], v: int, w: int) -> (f32, f32) where v >= 0 and w >= 0 {
    (sum[y | v < y * 3 + w](x[y]), sum[y | y * 3 + w < v](x[y]))
}
fn steps(x: f32[Y]) -> f32[Y] { out[p] = sum[y | 2 * p <= 3 * y + 1 and y * 5 < p * 7 + 3](x[y]) }
fn both(x: f32[Y], a: int) -> f32[Y] where a >= 1 { out[p] = sum[y | y * a <= p + 3 * y](x[y]) }
fn ends(x: f32[Y], s: int, n: int) -> f32[3] { out[p: 3] = sum[y | y >= n and y < (p + 1) * s](x[y]) }
let big = 9223372036854775807
let low = -9223372036854775807 - 1
let x[y: 9] = f32(y + 1)
let one[y: 1] = 1.0
let a[c: 2, y: 7, z: 40] = f32((c * 13 + y * 5 + z * 3) % 17)
print(pool(a, 3, 6)[1], pool(a, 7, 1)[0, :3, 0], pool(a, 9, 50)[1, 4, :6])
print(products(x, 4), products(x, 1), products(x, 12))
print(most(x, 1, big), most(x, 3, 7), most(x, 3, low), most(x, 1, low), most(x, 1, -1), most(one, big, 5), most(one, big, big))
print(below(x, 1, big), below(x, 3, 7), below(x, 3, 6), below(x, 3, low), below(x, 1, low), below(x, 1, 0), below(one, big, big))
print(least(x, 1, big), least(x, 3, 7), least(x, 3, low), least(x, 1, low), least(x, 1, -1), least(one, big, 5), least(one, big, 0))
print(above(x, 1, big), above(x, 3, 7), above(x, 3, 6), above(x, 3, low), above(x, 1, low), above(x, 1, 0), above(one, big, -1))
print(equal(x, 1, big), equal(x, 3, 6), equal(x, 3, 7), equal(x, 3, low), equal(x, 1, 0))
var n = 0
while n < 13 {
    print(threes(x, [big, big - 1, big - 2, 7, 6, 5, 0, -1, -2, -3, low, low + 1, low + 2][n]))
    n = n + 1
}
print(sides(x, big, 5), sides(x, 7, 3), sides(x, 0, 0))
print(steps(x), both(x, 1), both(x, 5), both(x, 4))
print(ends(x, 2, 1), ends(x, 4611686018427387904, 9), ends(x, 3070000000000000000, 2))
print(ends(x, 4611686018427387904, 8))
# > [[8.714, 6.812, 7.643, 8.0, 8.375, 9.357],
# >  [7.786, 9.375, 7.929, 8.286, 7.75, 7.214],
# >  [8.143, 7.708, 8.286, 8.238, 7.5, 8.381]] [7.925, 7.825, 8.15] [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
# > ([6.0, 12.0, 18.0, 24.0], [3.0, 5.0, 7.0, 9.0]) ([45.0], [9.0]) ([1.0, 3.0, 5.0, ..., 15.0, 17.0, 9.0], [1.0, 2.0, 3.0, ..., 8.0, 9.0, 9.0])
# > 45.0 6.0 0.0 0.0 0.0 1.0 1.0
# > 45.0 6.0 3.0 0.0 0.0 0.0 1.0
# > 0.0 39.0 45.0 45.0 45.0 0.0 1.0
# > 0.0 39.0 39.0 45.0 45.0 44.0 1.0
# > 0.0 3.0 0.0 0.0 1.0
# > (45.0, 45.0, 0.0, 0.0)
# > (45.0, 45.0, 0.0, 0.0)
# > (45.0, 45.0, 0.0, 0.0)
# > (6.0, 6.0, 39.0, 39.0)
# > (6.0, 3.0, 42.0, 39.0)
# > (3.0, 3.0, 42.0, 42.0)
# > (1.0, 0.0, 45.0, 44.0)
# > (0.0, 0.0, 45.0, 45.0)
# > (0.0, 0.0, 45.0, 45.0)
# > (0.0, 0.0, 45.0, 45.0)
# > (0.0, 0.0, 45.0, 45.0)
# > (0.0, 0.0, 45.0, 45.0)
# > (0.0, 0.0, 45.0, 45.0)
# > (0.0, 45.0) (42.0, 3.0) (44.0, 0.0)
# > [1.0, 2.0, 9.0, ..., 35.0, 30.0, 30.0] [45.0, 45.0, 45.0, ..., 45.0, 45.0, 45.0] [1.0, 1.0, 3.0, ..., 10.0, 10.0, 15.0] [1.0, 3.0, 6.0, ..., 28.0, 36.0, 45.0]
# > [2.0, 9.0, 20.0] [0.0, 0.0, 0.0] [42.0, 42.0, 42.0]
# status: 1
# stderr: an int passes 2^63
