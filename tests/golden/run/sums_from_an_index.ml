# A sum, product, maximum or minimum from an index on is a running one from the last place, also beside conditions without that index; where a condition
# needs the index, or places differ, it is none, and the values are the same.
fn from(x: f32[N, D]) -> f32[N, D] { out[n, d] = sum[m: N | m >= n](x[m, d]) }
fn behind(x: f32[N]) -> f32[N] { out[n] = sum[m: N | n < m](x[m]) }
fn least(x: f32[B, N]) -> f32[B, N] { out[b, n] = min[m: N | m > n](x[b, m]) }
fn largest(x: f32[B, N]) -> f32[B, N] { out[b, n] = max[m: N | m >= n](x[b, m]) }
fn smallest(x: f64[N]) -> f64[N] { out[n] = min[m: N | m <= n](x[m]) }
fn left(x: f32[N]) -> f32[N] { out[n] = prod[m: N | m > n](1 - x[m]) }
fn within(x: f32[T, N], w: int) -> f32[T, N] { out[i, j] = sum[m: N | m >= j and m < i and m > i - w](x[i, m]) }
fn window(x: f32[T, N], w: int) -> f32[T, N] { out[i, j] = prod[m: N | m > i - w and m <= i and m < j](x[i, m]) }
fn near(x: f32[N], w: int) -> f32[N] { out[n] = sum[m: N | m >= n and m < n + w](x[m]) }
fn two(x: f32[N]) -> f32[N, N] { out[i, j] = sum[m: N | m >= j and m < i](x[m]) }
fn some(x: f32[N], on: bool[N]) -> f32[N] { out[n] = max[m: N | on[m] and m >= n](x[m]) }
fn looked(x: f32[N], at: int[N]) -> f32[N] { out[n] = sum[m: N | m > n](x[at[m]]) }
fn part(x: f32[N], y: f32[M]) -> f32[M] where M <= N { out[i] = sum[j: N | j >= i](x[j]) + y[i] }
fn inside(x: f32[N], y: f32[N]) -> f32 = sum[n](y[n] * sum[m: N | m > n](x[m]))
fn stick(q: f32[T, D], k: f32[T, D], v: f32[T, D]) -> f32[T, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(f32(D))
    let a[i, j] = exp(s[i, j] - sum[m | m >= j and m < i](softplus(s[i, m])))
    out[i, d] = sum[j | j < i](a[i, j] * v[j, d])
}

let x = [[1.0, 2.0], [3.0, -1.0], [0.5, 4.0]]
print(from(x), behind([1.0, 2.0, 4.0, 8.0]), left([0.5, 0.0, 3.0]))
print(least([[3.0, 5.0, 1.0, 7.0], [2.0, 0.0 / 0.0, 9.0, 1.0]]), largest([[3.0, 5.0, 1.0, 7.0], [2.0, 0.0 / 0.0, 9.0, 1.0]]), smallest([3.0, 5.0, 1.0]))
let r[i: 4, j: 4] = f32(1 + i * 4 + j)
print(within(r, 3), window(r, 2), near([1.0, 2.0, 4.0, 8.0], 2), two([1.0, 2.0, 4.0]))
print(some([1.0, 9.0, 4.0, 8.0], [true, false, true, false]), looked([1.0, 2.0, 3.0], [7, 0, 2]), part([1.0, 2.0, 3.0], [10.0, 20.0]), inside([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]))
let none: f32[0] = 0
print(behind(none), behind([5.0]), 1.0 / behind([-0.0, -0.0]))

# As written out, and as many rows as there are.
fn plain(q: f32[T, D], k: f32[T, D], v: f32[T, D]) -> f32[T, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(f32(D))
    let b[i, j: T] = sum[m](if m >= j and m < i { softplus(s[i, m]) } else { 0.0 })
    out[i, d] = sum[j | j < i](exp(s[i, j] - b[i, j]) * v[j, d])
}
let q[i: 70, d: 8] = sin(f32(i * 7 + d * 3))
let k[i: 70, d: 8] = cos(f32(i * 5 + d * 11))
print(max(abs(stick(q, k, q) - plain(q, k, q))) < 1e-5, max(abs(stick(q[0:40], k[0:40], q[0:40]) - stick(q, k, q)[0:40])))
let long[n: 100000] = f32(n % 13) - 6.0
print(behind(long)[0:3])
# > [[4.5, 5.0],
# >  [3.5, 3.0],
# >  [0.5, 4.0]] [14.0, 12.0, 8.0, 0.0] [-2.0, -2.0, 1.0]
# > [[1.0, 1.0, 7.0, inf],
# >  [nan, 1.0, 1.0, inf]] [[7.0, 7.0, 7.0, 7.0],
# >  [nan, nan, 9.0, 1.0]] [3.0, 3.0, 1.0]
# > [[0.0, 0.0, 0.0, 0.0],
# >  [5.0, 0.0, 0.0, 0.0],
# >  [19.0, 10.0, 0.0, 0.0],
# >  [29.0, 29.0, 15.0, 0.0]] [[1.0, 1.0, 1.0, 1.0],
# >  [1.0, 5.0, 30.0, 30.0],
# >  [1.0, 1.0, 10.0, 110.0],
# >  [1.0, 1.0, 1.0, 15.0]] [3.0, 6.0, 12.0, 8.0] [[0.0, 0.0, 0.0],
# >  [1.0, 0.0, 0.0],
# >  [3.0, 2.0, 0.0]]
# > [4.0, 4.0, 4.0, -inf] [4.0, 3.0, 0.0] [16.0, 25.0] 35.0
# > [] [0.0] [inf, inf]
# > true 0.0
# > [-12.0, -7.0, -3.0]
