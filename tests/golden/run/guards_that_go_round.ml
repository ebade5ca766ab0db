## Sums of elements of 64 bits go round, also where a guard that has them would bound a loop.
fn c1(z: f32[N, V], lo: i64[N], hi: i64[N]) -> f32[N] { out[n] = sum[v | v + lo[n] <= hi[n]](z[n, v]) }
fn c2(z: f32[N, V], lo: i64[N], _hi: i64[N]) -> f32[N] { out[n] = sum[v | abs(v - lo[n]) < 3](z[n, v]) }
fn c3(z: f32[N, V], lo: i64[N], _hi: i64[N]) -> f32[N] { out[n] = sum[v | v // 2 <= lo[n] + 1](z[n, v]) }
fn c4(z: f32[N, V], lo: i64[N], _hi: i64[N]) -> f32[N] { out[n] = sum[v | v <= n + lo[n]](z[n, v]) }
fn c5(z: f32[N, V], lo: i64[N], hi: i64[N]) -> f32[N] { out[n] = sum[v | v - hi[n] == lo[n]](z[n, v]) }
fn c6(z: f32[N, V], lo: i64[N], hi: i64[N]) -> f32[N] { out[n] = sum[v | lo[n] + v > hi[n] - n](z[n, v]) }
fn c7(z: f32[N, V], lo: i64[N], hi: i64[N]) -> f32[N] { out[n] = sum[v | n - v < lo[n] and v - hi[n] < 3 or v == 0](z[n, v]) }
fn c8(z: f32[N, V], lo: i64[N], _hi: i64[N]) -> f32[N] { out[n] = sum[v | 2 * v < lo[n] + 4](z[n, v]) }
fn c9(z: f32[N, V], lo: i64[N], _hi: i64[N]) -> f32[N] { out[n] = logsumexp[v | 2 * v - lo[n] < 4](z[n, v] * z[n, v]) }
let z[n: 16, v: 12] = f32(n + v)
let e: i64[4] = [-9223372036854775807, 3, 9223372036854775807, -1]
let lo[n: 16] = e[n // 4]
let hi[n: 16] = e[n % 4]
print(c1(z, lo, hi)[0:4], sum(c1(z, lo, hi)[4:]))
print(c2(z, lo, hi)[0:4], sum(c2(z, lo, hi)[4:]))
print(c3(z, lo, hi)[0:4], sum(c3(z, lo, hi)[4:]))
print(c4(z, lo, hi)[0:4], sum(c4(z, lo, hi)[4:]))
print(c5(z, lo, hi)[0:4], sum(c5(z, lo, hi)[4:]))
print(c6(z, lo, hi)[0:4], sum(c6(z, lo, hi)[4:]))
print(c7(z, lo, hi)[0:4], sum(c7(z, lo, hi)[4:]))
print(c8(z, lo, hi)[0:4], sum(c8(z, lo, hi)[4:]))
print(c9(z, lo, hi)[0:4], sum(c9(z, lo, hi)[4:]))
# > [0.0, 78.0, 90.0, 102.0] 1024.0
# > [1.0, 2.0, 3.0, 4.0] 282.0
# > [0.0, 0.0, 0.0, 0.0] 512.0
# > [0.0, 0.0, 0.0, 0.0] 1290.0
# > [2.0, 0.0, 2.0, 0.0] 43.0
# > [66.0, 0.0, 0.0, 0.0] 782.0
# > [0.0, 1.0, 2.0, 3.0] 756.0
# > [0.0, 0.0, 0.0, 0.0] 224.0
# > [121.0, 144.0, 169.0, 196.0] 2826.0
