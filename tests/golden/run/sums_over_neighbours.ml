# Sums over few neighbours are written out, rows of them share what they read: at edges, in rests of rows and lanes, and where nothing lies inside.
fn total(y: f32[N, C, Y, X]) -> int = i64(sum[n, c, i, j](f64(y[n, c, i, j]) * f64((n + 3 * c + 5 * i + 7 * j) % 13 - 6)) * 1.0e10)

fn three(x: f32[N, C, Y, X], w: f32[C, 7, 7]) -> f32[N, C, Y, X] {
    out[n, c, y, z] = sum[i: 3, j: 3](w[c, i, j] * (x[n, c, y + i - 1, z + j - 1] ?? 0))
}
fn seven(x: f32[N, C, Y, X], w: f32[C, 7, 7]) -> f32[N, C, Y, X] {
    out[n, c, y, z] = sum[i, j](w[c, i, j] * (x[n, c, y + i - 3, z + j - 3] ?? 0))
}
fn apart(x: f32[N, C, Y, X], w: f32[C, 7, 7]) -> f32[N, C, Y // 2, (X + 1) // 2] {
    out[n, c, y, z] = sum[i: 4, j: 3](w[c, i, j] * (x[n, c, 2 * y + i - 1, 2 * z + j - 1] ?? 0))
}
fn ones(x: f32[N, C, Y, X], w: f32[C, 7, 7]) -> f32[N, C, Y, X] {
    out[n, c, y, z] = 0.5 - sum[j: 2, i: 5](w[c, i, j] * (x[n, c, y - 2 * i + 3, z - j] ?? 1))
}
fn inner(x: f32[N, C, Y, X], w: f32[C, 7, 7]) -> f32[N, C, Y - 2, X - 1] {
    out[n, c, y, z] = sum[i: 3, j: 2](w[c, i, j] * x[n, c, y + i, z + j])
}
fn row(x: f32[N, C, Y, X], w: f32[C, 7, 7]) -> f32[N, C, Y, X] {
    out[n, c, y, z] = sum[j: 4](w[c, 1, j] * (x[n, c, y, z + j - 3] ?? 0))
}
fn masked(x: f32[N, C, Y, X], w: f32[C, 7, 7]) -> f32[N, C, Y, X] {
    out[n, c, y, z] = sum[i: 3, j: 3](w[c, i, j] * if (y + i + z) % 3 == 0 { x[n, c, min(y + i, Y - 1), z] } else { 0 })
}

fn all(C: int, Y: int, X: int) {
    let x[n: 2, c: C, y: Y, z: X] = f32((n + 7 * c + 31 * y + 3 * z) % 29 - 13) * 0.37
    let w[c: C, i: 7, j: 7] = f32((5 * c + 2 * i + j) % 17 - 8) * 0.23
    print(total(three(x, w)), total(seven(x, w)), total(apart(x, w)), total(ones(x, w)), total(inner(x, w)), total(row(x, w)), total(masked(x, w)))
}

all(2, 9, 21)
all(1, 4, 64)
all(3, 2, 5)
all(1, 23, 70)

# what lies outside is 0, and times an infinite weight it is NaN: of no other places
let x[n: 1, c: 1, y: 6, z: 40] = 1.0
let w[c: 1, i: 7, j: 7] = if i == 0 and j == 2 { inf } else { 1.0 }
let r = three(x, w)
print(count[a, b](isnan(r[0, 0, a, b])), count[a, b](r[0, 0, a, b] == inf), r[0, 0, 3, 38], isnan(r[0, 0, 3, 39]))
let halves[n: 1, c: 1, y: 6, z: 40] = f64(y + z) / 3
fn wide(x: f64[N, C, Y, X]) -> f64[N, C, Y, X] {
    out[n, c, y, z] = sum[i: 3, j: 3](f64(i + j) / 7 * (x[n, c, y + i - 1, z + j - 1] ?? 0))
}
print(wide(halves)[0, 0, 0:2, 37:40])
# > 1337773542526 -4055871399492 -2900208012671 -3387001987695 -1776035033464 -4529022635248 -5494056198596
# > -853552761971 -2429603719264 -1541160652041 -3128959512114 3479738874435 -1207568954229 -15803070430159
# > -5757866142392 1627963325977 -3497610082626 425567947626 0 -3340174954534 -4567317020297
# > 4015870920419 6014033960849 325933161675 -4344489668011 -651014409661 -1167572052776 2292593939900
# > 45 195 inf true
# > [[27.05, 27.76, 14.95],
# >  [33.14, 34.0, 17.19]]
