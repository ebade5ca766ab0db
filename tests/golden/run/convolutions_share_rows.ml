# Rows of an image that several places of a kernel read are copied once: whatever the kernel's steps and edges, each element has its own bits.
# long
fn total(y: f32[N, O, Y, X]) -> int = i64(sum[n, o, i, j](f64(y[n, o, i, j]) * f64((n + 3 * o + 5 * i + 7 * j) % 13 - 6)) * 1.0e10)

fn far(x: f32[N, C, Y, X], w: f32[O, C, 3, 3]) -> f32[N, O, Y, X] {
    out[n, o, y, z] = sum[c, i, j](w[o, c, i, j] * (x[n, c, y + 2 * i - 2, z + 2 * j - 2] ?? 0))
}
fn inside(x: f32[N, C, Y, X], w: f32[O, C, 3, 3]) -> f32[N, O, Y - 2, X - 1] {
    out[n, o, y, z] = sum[c, i, j: 2](w[o, c, i, j] * x[n, c, y + i, z + j])
}
fn every_third(x: f32[N, C, Y, X], w: f32[O, C, 3, 3]) -> f32[N, O, (Y - 2) // 3, X // 2] {
    out[n, o, y, z] = sum[c, i: 5, j](w[o, c, i % 3, j] * x[n, c, 3 * y + i, z + j])
}
fn half(x: f32[N, C, Y, X], w: f32[O, C, 3, 3]) -> f32[N, O, Y // 2, X // 2] {
    out[n, o, y, z] = sum[c, i, j](w[o, c, i, j] * (x[n, c, 2 * y + i - 1, 2 * z + j - 1] ?? 0))
}
fn column(x: f32[N, C, Y, X], w: f32[O, C, 3, 3]) -> f32[N, O, Y, X] {
    out[n, o, y, z] = sum[c, i](w[o, c, i, 1] * (x[n, c, y + i - 1, z] ?? 1))
}
fn turned(x: f32[N, C, Y, X], w: f32[O, C, 3, 3]) -> f32[N, O, Y, X] {
    out[n, o, y, z] = sum[c, i, j](w[o, c, i, j] * (x[n, c, y - i + 1, z - j + 1] ?? 0))
}
fn mirrored(x: f32[N, C, Y, X], w: f32[O, C, 3, 3]) -> f32[N, O, Y, X] {
    out[n, o, y, z] = sum[c, i, j](w[o, c, i, j] * (x[n, c, y + i - 1, X - z - j] ?? 0))
}
fn computed(x: f32[N, C, Y, X], w: f32[O, C, 3, 3]) -> f32[N, O, Y, X] {
    out[n, o, y, z] = sum[c, i, j](w[o, c, i, j] * if i + y > c { x[n, c, (y + i) % Y, z] * 2 - 1 } else { f32(z + j) })
}
fn rows_first(x: f32[N, C, Y, X], w: f32[O, C, 3, 3]) -> f32[N, O, Y, X] {
    out[n, o, y, z] = sum[i, c, j](w[o, c, i, j] * (x[n, c, y + i - 1, z + j - 1] ?? 0))
}
fn of_one(x: f32[N, C, Y, X], w: f32[O, C, 3, 3]) -> f32[N, O, Y, X] {
    out[n, o, y, z] = sum[i, j](w[o, 2, i, j] * (x[n, 1, y + i - 1, z + j - 1] ?? 0))
}

fn all(C: int, Y: int, X: int, O: int) {
    let x[n: 1, c: C, y: Y, z: X] = f32((n + 7 * c + 31 * y + 3 * z) % 29 - 13) * 0.37
    let w[o: O, c: C, i: 3, j: 3] = f32((o + 5 * c + 2 * i + j) % 17 - 8) * 0.23
    print(total(far(x, w)), total(inside(x, w)), total(every_third(x, w)), total(half(x, w)), total(column(x, w)))
    print(total(turned(x, w)), total(mirrored(x, w)), total(computed(x, w)), total(rows_first(x, w)), total(of_one(x, w)))
}

all(3, 6, 21, 17) # a row of lanes and a part of one
all(29, 5, 7, 12) # 261 places of the sum: a second block has begun within a kernel's places
all(3, 3, 70, 16) # a row in two chunks
# > -8730411532226 6034447253616 -44102224670648 10462193237933 -481276101395
# > 6373995302096 -2078144964503 35017737288177 6134852591504 -2519811186316
# > 26084854025840 -9844357802942 -30833432884216 13483240995407 6900918485671
# > 12370984630584 8766998125314 22538697174787 2780221827030 -1202462807314
# > 1170976497305 3621854356735 0 11429781889457 -8680614499542
# > -6052308075800 -461238699606 -55341753398105 -5661711420868 20797590140466
