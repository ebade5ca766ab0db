# Several statistics by one key: one pass for those that need nothing of one another, whatever stands between them.
fn stats(label: i32[N], x: f32[N], M: int) -> (f32[M], f32[M], i64[M], f32[M], f32[M]) {
    let total[j: M] = sum[i | label[i] == j](x[i])
    let half[j: M] = total[j] / 2
    let top[j: M] = max[i | label[i] == j](x[i])
    let many[j: M] = count[i | label[i] == j](true)
    let average[j: M] = mean[i | label[i] == j](x[i])
    let away[j: M] = sum[i | label[i] == j](abs(x[i] - average[j]))
    (half, top, many, average, away)
}
# Free axes, another key beside it, a guard that only some have, and products in f16.
fn columns(a: i32[N], b: i32[N], x: f32[N, D], M: int) -> (f32[M, D], f32[M, D], f32[M, D], f32[M, D], i64[M]) {
    let s[j: M, d: D] = sum[i | a[i] == j](x[i, d])
    let t[j: M, d: D] = sum[i | b[i] == j](x[i, d])
    let low[j: M, d: D] = min[i | a[i] == j](x[i, d])
    let positive[j: M, d: D] = sum[i | a[i] == j and x[i, d] > 0](x[i, d])
    let n[j: M] = count[i | a[i] == j](true)
    (s, t, low, positive, n)
}
fn halves(a: i32[N], x: f16[N], M: int) -> (f16[M], f16[M]) {
    let s[j: M] = sum[i | a[i] == j](x[i])
    let p[j: M] = prod[i | a[i] == j](x[i])
    (s, p)
}
# In a loop: each turn has its own.
fn turns(a: i32[N], x: f32[N], M: int, steps: int) -> (f32[M], f32[M]) {
    var y = x
    var s: f32[M] = 0
    var m: f32[M] = 0
    for _t in 0..steps {
        let u[j: M] = sum[i | a[i] == j](y[i])
        let v[j: M] = max[i | a[i] == j](y[i])
        s = s + u
        m = max(m, v)
        y = y + 1
    }
    (s, m)
}
fn changed(var s: f32[M], a: i32[N], x: f32[N]) -> (f32[M], f32[M]) {
    let old[j: M] = s[j]
    s[:] = map[j: M](sum[i | a[i] == j](x[i]))
    let top[j: M] = max[i | a[i] == j](x[i] + old[j])
    (top, old)
}
let label = [2, 0, 2, 9, 0, -1, 3]
let x = [1.0, 2.0, 3.5, 4.0, -5.0, 6.0, 7.0]
print(stats(i32(label), x, 4))
print(columns(i32(label), i32([0, 0, 1, 1, 2, 2, 3]), map[i: 7, d: 2](x[i] * f32(d + 1)), 4))
print(halves(i32(label), f16(x), 4), turns(i32(label), x, 4, 3))
var s = [10.0, 20.0, 30.0, 40.0]
print(changed(var s, i32(label), x), s)
# > ([-1.5, 0.0, 2.25, 3.5], [2.0, -inf, 3.5, 7.0], [2, 0, 2, 1], [-1.5, 0.0, 2.25, 7.0], [7.0, 0.0, 2.5, 0.0])
# > ([[-3.0, -6.0],
# >  [0.0, 0.0],
# >  [4.5, 9.0],
# >  [7.0, 14.0]], [[3.0, 6.0],
# >  [7.5, 15.0],
# >  [1.0, 2.0],
# >  [7.0, 14.0]], [[-5.0, -10.0],
# >  [inf, inf],
# >  [1.0, 2.0],
# >  [7.0, 14.0]], [[2.0, 4.0],
# >  [0.0, 0.0],
# >  [4.5, 9.0],
# >  [7.0, 14.0]], [2, 0, 2, 1])
# > ([-3.0, 0.0, 4.5, 7.0], [-10.0, 1.0, 3.5, 7.0]) ([-3.0, 0.0, 19.5, 24.0], [4.0, 0.0, 5.5, 9.0])
# > ([12.0, -inf, 33.5, 47.0], [10.0, 20.0, 30.0, 40.0]) [-3.0, 0.0, 4.5, 7.0]
