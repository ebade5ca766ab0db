# A channel by itself, channels last: rows of a picture narrower and wider than a step, lanes that fill no vector, steps of two, values beyond the edge that are
# none, and weights that make NaN of a 0 there. The same without a choice, through a picture with its edges.
fn around(x: f32[Y, X, C], e: f32, p: int) -> f32[Y + 2 * p, X + 2 * p, C] where p >= 0 { out[y, z, c] = x[y - p, z - p, c] ?? e }
fn three(w: f32[3, 3, C], x: f32[Y, X, C]) -> f32[Y, X, C] { out[y, z, c] = sum[i, j](w[i, j, c] * (x[y + i - 1, z + j - 1, c] ?? 0)) }
fn five(w: f32[5, 5, C], x: f32[Y, X, C]) -> f32[Y, X, C] { out[y, z, c] = tanh(sum[i, j](w[i, j, c] * (x[y + i - 2, z + j - 2, c] ?? 0.5))) }
fn seven(w: f32[7, 7, C], x: f32[Y, X, C]) -> f32[Y, X, C] { out[y, z, c] = sum[i, j](w[i, j, c] * (x[y + i - 3, z + j - 3, c] ?? 0)) }
fn steps(w: f32[5, 5, C], x: f32[Y, X, C]) -> f32[(Y + 1) // 2, (X + 1) // 2, C] { out[y, z, c] = sum[i, j](w[i, j, c] * (x[2 * y + i - 2, 2 * z + j - 2, c] ?? 0)) }
fn sides(w: f32[3, 5, C], x: f32[Y, X, C], a: f32[C]) -> f32[Y, X, C] { out[y, z, c] = sum[i, j](w[i, j, c] * (if z + j >= 2 and z + j - 2 < X { x[y, z + j - 2, c] } else { a[c] })) }
fn plain(w: f32[I, J, C], x: f32[Y, X, C], s: int) -> f32[(Y - I + s) // s, (X - J + s) // s, C] where s >= 1, Y >= I, X >= J {
    out[y, z, c] = sum[i, j](w[i, j, c] * x[s * y + i, s * z + j, c])
}
fn apart(a: f32[Y, X, C], b: f32[Y, X, C]) -> f32 = max[y, z, c](if isnan(a[y, z, c]) and isnan(b[y, z, c]) { 0.0 } else { abs(max(min(a[y, z, c], 1e9), -1e9) - max(min(b[y, z, c], 1e9), -1e9)) })

fn compare(Y: int, X: int, C: int) where Y >= 1, X >= 1 {
    let x[y: Y, z: X, c: C] = f32((y * 7 + z * z + c * 3) % 11 - 5) / 4
    let w[i: 7, j: 7, c: C] = f32((i * 5 + j * 3 + c) % 9 - 4) / 8
    let v[i: 7, j: 7, c: C] = if i == 0 and j == 6 and c % 5 == 1 { inf } else { w[i, j, c] }
    let a[c: C] = f32(c)
    let t = three(w[0:3, 0:3], x)
    let f = five(w[1:6, 0:5], x)
    let s = seven(v, x)
    let h = steps(w[1:6, 1:6], x)
    let d = sides(w[0:3, 0:5], x, a)
    let t2 = plain(w[0:3, 0:3], around(x, 0, 1), 1)
    let f2 = plain(w[1:6, 0:5], around(x, 0.5, 2), 1)
    let s2 = plain(v, around(x, 0, 3), 1)
    let h2 = plain(w[1:6, 1:6], around(x, 0, 2), 2)
    let th[y, z, c] = tanh(f2[y, z, c])
    print(apart(t, t2), apart(f, th) < 1e-6, apart(s, s2), sum(h), sum(h2), sum(d), count[y, z, c](isnan(s[y, z, c])))
}
compare(1, 1, 1)
compare(3, 5, 17)
compare(5, 9, 40)
compare(8, 12, 4)
compare(9, 23, 33)
# > 0.0 true 0.0 -0.3125 -0.3125 -0.4688 0
# > 0.0 true 0.0 3.062 3.062 61.22 60
# > 0.0 true 0.0 4.469 4.469 26.25 272
# > 0.0 true 0.0 -1.812 -1.812 38.72 53
# > 0.0 true 0.0 22.69 22.69 356.6 687
