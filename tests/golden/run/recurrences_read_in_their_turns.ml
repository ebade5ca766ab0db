# status: 1
# stderr: subscript 4 is outside an axis of size 4
# What is read of a recurrence place by place is computed in its turns, if that is less than a place: forwards, backwards, of earlier places, with
# others that need the same place, in loops; and stays behind it where it needs a later place or the last one.
fn retained(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, E]) -> f32[H, T, E] {
    rec s[t, h, d, e] = 0.5 * (s[t - 1, h, d, e] ?? 0.0) + k[h, t, d] * v[h, t, e]
    out[h, t, e] = sum[d](q[h, t, d] * s[t, h, d, e])
}
fn from_the_end(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, E]) -> f32[H, T, E] {
    rec s[t, h, d, e] = 0.5 * (s[t + 1, h, d, e] ?? 0.0) + k[h, t, d] * v[h, t, e]
    out[h, t, e] = sum[d](q[h, t, d] * s[t, h, d, e])
}
fn earlier(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, E]) -> (f32[H, T, E], f32[H, T], f32[H, D, E]) where T >= 1 {
    rec s[t, h, d, e] = 0.5 * (s[t - 1, h, d, e] ?? 0.0) + k[h, t, d] * v[h, t, e]
    let o[h, t, e] = sum[d](q[h, t, d] * s[t, h, d, e]) + sum[d](q[h, t, d] * (s[t - 2, h, d, e] ?? 1.0))
    let n[h, t] = max[d, e](s[t, h, d, e])
    let last[h, d, e] = s[T - 1, h, d, e]
    (o, n, last)
}
fn normed(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, E]) -> f32[H, T, E] {
    rec {
        s[t, h, d, e] = (s[t - 1, h, d, e] ?? 0.0) + k[h, t, d] * v[h, t, e]
        z[t, h, d] = (z[t - 1, h, d] ?? 0.0) + abs(k[h, t, d])
    }
    out[h, t, e] = sum[d](q[h, t, d] * s[t, h, d, e]) / (1 + abs(sum[d](q[h, t, d] * z[t, h, d])))
}
fn later(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, E]) -> f32[H, T, E] where T >= 1 {
    rec s[t, h, d, e] = 0.5 * (s[t - 1, h, d, e] ?? 0.0) + k[h, t, d] * v[h, t, e]
    let last[h, d] = sum[e](s[T - 1, h, d, e])
    out[h, t, e] = sum[d](q[h, t, d] * last[h, d] * s[t, h, d, e]) + sum[d](s[t + 1, h, d, e] ?? 0.25)
}
fn delta(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, E]) -> f32[H, T, E] {
    rec s[t, h, d, e] = (s[t - 1, h, d, e] ?? 0.0) + 0.25 * k[h, t, d] * (v[h, t, e] - sum[c: D](k[h, t, c] * (s[t - 1, h, c, e] ?? 0.0)))
    out[h, t, e] = sum[d](q[h, t, d] * s[t, h, d, e])
}
fn layers(x: f32[T, D], w: f32[N, D]) -> f32[T, D] {
    var y = x
    for n in 0..N {
        rec s[t, d, e: D] = 0.5 * (s[t - 1, d, e] ?? 0.0) + y[t, d] * w[n, e]
        let z[t, e: D] = y[t, e] + sum[d](w[n, d] * s[t, d, e])
        y = z
    }
    y
}
fn looked_up(q: f32[H, T, D], k: f32[H, T, D], at: i32[T]) -> f32[H, T] {
    rec s[t, h, d, e: D] = 0.5 * (s[t - 1, h, d, e] ?? 0.0) + k[h, t, d] * k[h, t, e]
    out[h, t] = sum[d](q[h, at[t], d] * s[t, h, d, 0])
}
fn numbers(H: int, T: int, D: int, step: int) -> f32[H, T, D] {
    out[h, t, d] = f32((step * (17 * h + 5 * t + 3 * d)) % 7) - 3
}

let (q, k, v) = (numbers(2, 4, 3, 1), numbers(2, 4, 3, 2), numbers(2, 4, 2, 3))
print(retained(q, k, v)[1])
print(from_the_end(q, k, v)[1])
print(earlier(q, k, v))
print(normed(q, k, v)[0])
print(later(q, k, v)[0])
print(delta(q, k, v)[1])
print(layers(q[0], k[0]))
print(looked_up(q, k, i32([3, 0, 1, 2])))
print(len(retained(numbers(2, 0, 3, 1), numbers(2, 0, 3, 1), numbers(2, 0, 2, 1))[0]))
print(looked_up(q, k, i32([3, 0, 4, 2])))
# > [[-5.0, 5.0],
# >  [3.5, 14.5],
# >  [2.75, 10.25],
# >  [13.88, -20.38]]
# > [[-7.25, 8.75],
# >  [-5.5, 19.5],
# >  [8.0, 10.5],
# >  [14.0, -21.0]]
# > ([[[-45.0, -15.0],
# >   [16.0, 6.0],
# >   [-30.25, -3.75],
# >   [-14.62, 12.62]],
# >  [[-3.0, 7.0],
# >   [-0.5, 10.5],
# >   [-6.25, 19.25],
# >   [15.38, -11.88]]], [[9.0, 4.5, 3.75, -0.125],
# >  [3.0, -0.5, 5.75, 9.75]], [[[-0.375, -0.125],
# >   [-1.625, -3.375],
# >   [-0.25, -5.75]],
# >  [[-3.375, 8.875],
# >   [-5.75, 9.75],
# >   [5.875, -10.38]]])
# > [[-11.25, -3.75],
# >  [10.0, 3.333],
# >  [-1.714, -0.1429],
# >  [-0.3871, 0.2581]]
# > [[124.5, 39.5],
# >  [-40.0, -5.0],
# >  [43.5, -25.0],
# >  [4.0, -86.0]]
# > [[-1.25, 1.25],
# >  [-3.875, 8.375],
# >  [2.75, 1.25],
# >  [-2.5, 21.0]]
# > [[6480.0, 1.152e+04, 1.646e+04],
# >  [7718.0, 1.397e+04, 2.025e+04],
# >  [9342.0, 1.71e+04, 2.481e+04],
# >  [1.064e+04, 1.954e+04, 2.839e+04]]
# > [[-9.0, -22.5, 16.5, 7.875],
# >  [-9.0, 10.5, -15.75, 4.125]]
# > 0
