## Two, four or eight places share an element (x[i // 2]), and every second one takes another branch: whole vectors, rests, rows that begin
## anywhere, bytes and doubles. What the guard of a branch leaves out is not read.
fn pairs(x: f32[B, 2 * N], c: f32[B, N]) -> f32[B, 2 * N] {
    out[b, i] = if i % 2 == 0 { x[b, i] * c[b, i // 2] - x[b, i + 1] } else { x[b, i] * c[b, i // 2] + x[b, i - 1] }
}
fn fours(x: f64[N]) -> f64[4 * N] { out[i] = x[i // 4] + f64(i % 4) }
fn eights(x: u8[N]) -> i32[8 * N] { out[i] = i32(x[i // 8]) * 10 + i32(i % 8) }
fn shifted(x: f32[N]) -> f32[2 * N - 3] { out[i] = x[(i + 3) // 2] + x[i // 2] }
fn some(x: f32[N]) -> f32[2 * N + 5] { out[i] = if i // 2 < N { x[i // 2] } else { -1.0 } }
let x[b: 3, i: 46] = f32(7 * b + i) / 4
let c[b: 3, i: 23] = f32(i - b)
let y = pairs(x, c)
print(y[0, 0:8], y[1, 40:46], sum(y))
let d[i: 9] = f64(i) / 2
let z = fours(d)
print(z[0:9], z[30:36], sum(z))
let e[i: 7] = u8(30 * i)
let w = eights(e)
print(w[5:18], w[50:56], sum(w))
let h[i: 21] = f32(i * i)
print(shifted(h)[0:7], shifted(h)[34:39], sum(shifted(h)))
print(some(h)[0:5], some(h)[38:47], sum(some(h)))
# > [-0.25, 0.0, -0.25, ..., 3.5, 2.75, 6.75] [211.2, 239.8, 232.5, 262.2, 254.8, 285.8] 1.304e+04
# > [0.0, 1.0, 2.0, ..., 2.5, 3.5, 1.0] [5.5, 6.5, 4.0, 5.0, 6.0, 7.0] 126.0
# > [5, 6, 7, ..., 307, 600, 601] [1802, 1803, 1804, 1805, 1806, 1807] 50596
# > [1.0, 4.0, 5.0, ..., 13.0, 20.0, 25.0] [613.0, 650.0, 685.0, 724.0, 761.0] 1.032e+04
# > [0.0, 0.0, 1.0, 1.0, 4.0] [361.0, 361.0, 400.0, ..., -1.0, -1.0, -1.0] 5735.0
