## Quotients of sizes in kernels: functions whose kernels are equal but for the names of their sizes, one whose sizes stand in another order,
## and rests that differ from call to call.
fn left(x: f32[A, D], h: f32[H]) -> f32[A, H, D / H] { out[i, g, d] = x[i, g * (D / H) + d] * h[g] }
fn right(y: f32[P, Q], h: f32[R]) -> f32[P, R, Q / R] { out[i, g, d] = y[i, g * (Q / R) + d] * h[g] }
fn other(h: f32[R], y: f32[P, Q]) -> f32[P, R, Q / R] { out[i, g, d] = y[i, g * (Q / R) + d] * h[g] }
fn rotated(x: f32[T, K], n: int) -> f32[T, K] where K % 2 == 0 {
    let a[t: T, i: K / 2] = f32(n + t) / f32(K // 2 + i)
    out[t, d] = if d % 2 == 0 { x[t, d] * a[t, d // 2] } else { x[t, d - 1] - a[t, d // 2] }
}
fn turns(x: f32[T, K], n: int) -> f32[T, K] where K % 2 == 0 {
    var y = x
    for _ in 0..3 { y = rotated(y, n) }
    y
}
let x[i: 3, j: 12] = f32(i * 12 + j)
let y[i: 2, j: 20] = f32(i * 20 - j)
let h[g: 4] = f32(g + 1)
print(left(x, h)[2, 3], sum(left(x, h)))
print(right(y, h)[1, 3], sum(right(y, h)))
print(other(h, y)[1, 2], sum(other(h, y)))
print(right(x, h)[2, 3], other(h[0:2], x)[1, 1])
print(turns(x, 5)[2], sum(turns(y, 1)))
# > [132.0, 136.0, 140.0] 1710.0
# > [20.0, 16.0, 12.0, 8.0, 4.0] -200.0
# > [30.0, 27.0, 24.0, 21.0, 18.0] -200.0
# > [132.0, 136.0, 140.0] [36.0, 38.0, 40.0, 42.0, 44.0, 46.0]
# > [38.11, 31.5, 26.0, ..., 14.98, 8.762, 13.13] 0.8187
