# Quotients and rests of a last index by a size that grows: shorter than a vector, as long, longer; from places before the first one, too.
fn turned(x: f32[N], by: int) -> f32[N] where N >= 1 { out[n] = x[(n + by) % N] }
fn back(x: f32[N], by: int) -> f32[N] where N >= 1 { out[n] = x[(n - by) % N] }
fn rounds(x: f32[N], by: int) -> i64[3 * N] where N >= 1 { out[n] = (n - by) // N * 1000 + (n + by) // N }
fn circular(x: f32[N], c: f32[N]) -> f32[N] where N >= 1 { out[i] = sum[j](c[(i - j) % N] * x[j]) }
fn number(x: f32[B, 77]) -> f32[B, 77] { out[b, n] = x[b, (n * 1 + 70) % 77] - x[b, (n - 5) % 77] }

var x = []
var differ = 0
for n in 0..70 {
    append(var x, f32((n * n) % 23 - 9))
    let N = len(x)
    let t = turned(x, 3)
    let b = back(x, 20)
    let r = rounds(x, 7)
    let c = circular(x, t)
    differ += count[i](abs(t[i] - x[i + 3 - (i + 3) // N * N]) > 0) + count[i](abs(b[i] - x[i - 20 + (19 - i + N) // N * N]) > 0)
    differ += count[i: 3 * N](r[i] != (if i < 7 { -((6 - i + N) // N) } else { (i - 7) // N }) * 1000 + (i + 7) // N)
    if n == 4 or n == 15 or n == 16 or n == 69 { print(N, sum[i](t[i] * f32(i)), sum[i](b[i] * f32(i)), sum(r), sum[i](c[i] * f32(i % 5))) }
}
print(differ)
let y[b: 3, n: 77] = f32((b * 5 + n * n) % 13)
let z = number(y)
print(z[2, 60:], sum[b, n](z[b, n] * f32(n)))
# > 5 -55.0 10.0 -5964 675.0
# > 16 -187.0 -19.0 27069 1036.0
# > 17 -287.0 -99.0 30072 1988.0
# > 70 -3997.0 -3551.0 189231 1.167e+04
# > 0
# > [5.0, 1.0, -3.0, ..., 1.0, -3.0, -7.0] -772.0
