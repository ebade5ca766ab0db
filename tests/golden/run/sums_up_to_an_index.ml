# A sum, product or maximum up to an index is a running one; where the terms need the index, or places differ, it is none, and the values are the same.
fn upto(x: f32[N, D]) -> f32[N, D] { out[n, d] = sum[m: N | m <= n](x[m, d]) }
fn below(x: f32[N, D]) -> f32[N, D] { out[n, d] = sum[m: N | m < n](x[m, d] ^ 2) }
fn behind(x: f32[N, D]) -> f32[N, D] { out[n, d] = sum[m: N | m >= n](x[m, d]) }
fn largest(x: f32[B, N]) -> f32[B, N] { out[b, n] = max[m: N | n > m](x[b, m]) }
fn powers(x: f32[B], K: int) -> f32[B, K] where K >= 0 { out[b, k] = prod[j: K | j < k](x[b]) }
fn means(x: f32[N]) -> f32[N] { out[n] = mean[m: N | m <= n](x[m]) }
fn more(x: f32[N]) -> f32[N] { out[n] = sum[m: N | m <= n](x[m] * f32(n)) }
fn part(x: f32[N], y: f32[M]) -> f32[M] where M <= N { out[i] = sum[j: N | j <= i](x[j]) + y[i] }
fn inside(x: f32[N], y: f32[N]) -> f32 = sum[n](y[n] * sum[m: N | m < n](x[m]))
fn looked(x: f32[N], at: int[N]) -> f32[N] { out[n] = sum[m: N | m < n](x[at[m]]) }
fn state(q: f32[T, D], k: f32[T, D], v: f32[T, E]) -> f32[T, E] {
    let s[i: T, d, e] = sum[j: T | j <= i](k[j, d] * v[j, e])
    out[i, e] = sum[d](q[i, d] * s[i, d, e])
}

let x = [[1.0, 2.0], [3.0, -1.0], [0.5, 4.0]]
print(upto(x), below(x), behind(x))
print(largest([[3.0, 5.0, 1.0, 7.0], [2.0, 0.0 / 0.0, 9.0, 1.0]]), powers([2.0, -1.0, 0.5], 4), means([1.0, 2.0, 6.0]))
print(more([1.0, 2.0, 3.0]), part([1.0, 2.0, 3.0], [10.0, 20.0]), inside([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]), state(x, x, x))
let none: f32[0] = 0
print(means(none), looked([1.0, 2.0, 3.0], [2, 0, 7]))          # the last place is not looked at

let long[n: 1000, d: 3] = f32((n * 7 + d) % 13) - 6.0
let plain[n: 1000, d: 3] = sum[m: 1000](if m <= n { long[m, d] } else { 0.0 })
print(max(abs(upto(long) - plain)))
# > [[1.0, 2.0],
# >  [4.0, 1.0],
# >  [4.5, 5.0]] [[0.0, 0.0],
# >  [1.0, 4.0],
# >  [10.0, 5.0]] [[4.5, 5.0],
# >  [3.5, 3.0],
# >  [0.5, 4.0]]
# > [[-inf, 3.0, 5.0, 5.0],
# >  [-inf, 2.0, nan, nan]] [[1.0, 2.0, 4.0, 8.0],
# >  [1.0, -1.0, 1.0, -1.0],
# >  [1.0, 0.5, 0.25, 0.125]] [1.0, 1.5, 3.0]
# > [0.0, 3.0, 12.0] [11.0, 23.0] 23.0 [[5.0, 10.0],
# >  [31.0, -8.0],
# >  [9.125, 84.5]]
# > [] [0.0, 3.0, 4.0]
# > 0.0
