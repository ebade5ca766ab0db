# Reductions over few places are written out for the lanes of another axis; of lanes two elements apart vectors are taken apart.
fn some(C: int, Y: int, X: int) -> f32[C, Y, X] {
    out[c: C, y: Y, z: X] = f32((7 * c + 31 * y + 3 * z) % 29 - 13) * 0.37
}
fn total(y: f32[C, Y, X]) -> int = i64(sum[c, i, j](f64(y[c, i, j]) * f64((3 * c + 5 * i + 7 * j) % 13 - 6)) * 1.0e10)

fn means(x: f32[C, Y, X]) -> f32[C, Y // 2, X // 2] {
    out[c, i, j] = mean[u: 2, v: 2](x[c, 2 * i + u, 2 * j + v])
}
fn padded(x: f32[C, Y, X]) -> f32[C, (Y + 1) // 2, (X + 1) // 2] {
    out[c, i, j] = mean[u: 3, v: 3](x[c, 2 * i + u - 1, 2 * j + v - 1] ?? 0)
}
fn largest(x: f32[C, Y, X]) -> f32[C, (Y + 1) // 2, (X + 1) // 2] {
    out[c, i, j] = max[u: 3, v: 3](x[c, 2 * i + u - 1, 2 * j + v - 1] ?? -inf)
}
fn products(x: f32[C, Y, X]) -> f32[C, Y, X // 4] {
    out[c, i, j] = prod[v: 4](1 + 0.01 * x[c, i, 4 * j + v]) - min[v: 2](x[c, i, 4 * j + 3 * v])
}
fn rows(x: f32[C, Y, X]) -> f32[C, X, Y] {
    out[c, z, y] = sum[u: 7](x[c, y, z] * f32(u - 3) + f32(u * u)) + f32(count[u: 3](x[c, y, z] > f32(u)) + argmax[u: 4](f32((u * 7 + y + z) % 5)))
}
fn halves(x: f64[Y, X]) -> f64[Y, X // 2] {
    out[y, z] = sum[u: 2](x[y, 2 * z + u]) + max[u: 2](x[y, 2 * z + 1 - u])
}
fn small(x: f16[Y, X]) -> f16[Y, X // 2] {
    out[y, z] = mean[u: 2](x[y, 2 * z + u])
}

fn all(C: int, Y: int, X: int) {
    let x = some(C, Y, X)
    print(total(means(x)), total(padded(x)), total(largest(x)), total(products(x)), total(rows(x)))
}

all(2, 9, 21)
all(1, 4, 64)
all(3, 2, 5)
all(1, 23, 70)
all(2, 3, 35)

let x = some(1, 4, 37)
let wide[i: 4, j: 37] = f64(x[0, i, j]) / 3
let low[i: 4, j: 37] = f16(x[0, i, j])
print(halves(wide)[1:3, 14:18], small(low)[1:3, 14:18])

# the sign of zero, what is no number, and what is infinite
let odd[c: 1, y: 2, z: 40] = if z < 8 { -0.0 } else { if z == 20 { f32(nan) } else { if z == 30 { inf } else { f32(z) } } }
print(1 / means(odd)[0, 0, 0:3], means(odd)[0, 0, 9:12], means(odd)[0, 0, 14:16], largest(odd)[0, 0, 9:12], 1 / largest(odd)[0, 0, 0:2])
# > 272875089645 229400043413 754799970388 -428917961120 1350000000000
# > -259924998283 7811148278 125799965858 386353508234 2410000000000
# > 81399996280 12333340644 -33299999237 -437071642875 -9500000000000
# > 530949956178 168966722562 510600022077 -153260968923 -6490000000000
# > 250675044655 27133405059 517999964952 -474476352930 -7830000000000
# > [[2.343, -2.22, 0.0, 2.22],
# >  [-3.7, -1.48, 0.74, 2.96]] [[0.7402, -2.406, -0.1851, 2.035],
# >  [-3.887, -1.666, 0.5552, 2.775]]
# > [inf, inf, inf] [18.5, nan, 22.5] [28.5, inf] [19.0, nan, 23.0] [-inf, -inf]
