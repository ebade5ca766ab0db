## Two, four or eight places share an element (x[i // 2]), and every second one takes another branch: whole vectors, rests, rows that begin
## anywhere, bytes and doubles. What the guard of a branch leaves out is not read.
fn pairs(x: f32[B, 2 * N], c: f32[B, N]) -> f32[B, 2 * N] {
    out[b, i] = if i % 2 == 0 { x[b, i] * c[b, i // 2] - x[b, i + 1] } else { x[b, i] * c[b, i // 2] + x[b, i - 1] }
}
fn fours(x: f64[N]) -> f64[4 * N] { out[i] = x[i // 4] + f64(i % 4) }
fn eights(x: u8[N]) -> i32[8 * N] { out[i] = i32(x[i // 8]) * 10 + i32(i % 8) }
fn shifted(x: f32[N]) -> f32[2 * N - 3] { out[i] = x[(i + 3) // 2] + x[i // 2] }
fn some(x: f32[N]) -> f32[2 * N + 5] { out[i] = if i // 2 < N { x[i // 2] } else { -1.0 } }
fn at(b: i64, i: i64) = f32(7 * b + i) / 4
let x[b: 3, i: 46] = at(b, i)
let c[b: 3, i: 23] = f32(i - b)
let y = pairs(x, c)
print(max[b, i](abs(y[b, i] - at(b, i) * f32(i // 2 - b) - (if i % 2 == 0 { -at(b, i + 1) } else { at(b, i - 1) }))), sum(y))
let d[i: 9] = f64(i) / 2
let z = fours(d)
print(max[i](abs(z[i] - f64(i // 4) / 2 - f64(i % 4))), sum(z))
let e[i: 7] = u8(30 * i)
let w = eights(e)
print(max[i](abs(w[i] - i32(i // 8 * 300 + i % 8))), sum(w))
let h[i: 21] = f32(i * i)
let p = shifted(h)
print(max[i](abs(p[i] - f32(((i + 3) // 2) ^ 2 + (i // 2) ^ 2))), sum(p))
let q = some(h)
print(max[i](abs(q[i] - (if i < 42 { f32((i // 2) ^ 2) } else { -1.0 }))), sum(q))
# > 0.0 1.304e+04
# > 0.0 126.0
# > 0 50596
# > 0.0 1.032e+04
# > 0.0 5735.0
