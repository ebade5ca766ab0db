## Sums of counts and of places of maxima: in one sum where they surely fit, in pieces where that is asked for; one that passes 2^63 fails.
fn h(q: f32[T, D], w: f32[V, D], m: f32[T]) -> int = sum[t](count[v](sum[d](q[t, d] * w[v, d]) > m[t]))
fn g(x: f32[T, V], m: f32[T]) -> int = sum[t](count[v](x[t, v] > m[t]))
fn k(x: f32[B, T, V], m: f32[B, T], n: i32[B]) -> i32[B] {
    out[b] = i32(sum[t | t < n[b]](count[v](x[b, t, v] > m[b, t]) * count[v](x[b, t, v] < m[b, t])))
}
fn l(x: f32[T, V]) -> int where V >= 1, T >= 4 = sum[t: 3..T](argmax[v](x[t, v]) + t)
fn big(x: f32[T, V], by: int) -> int = sum[t](count[v](x[t, v] > 0.0) * by)
fn none(x: f32[T, V], by: int) -> int = sum[t | t > 100](count[v](x[t, v] > 0.0) * by)
let x[t: 20, v: 33] = f32((t * 7 + v * 5) % 23) * 0.1 - 1.0
let y[b: 4, t: 20, v: 33] = f32((t * 7 + v * 5 + b) % 23) * 0.1 - 1.0
let m[t: 20] = f32(t % 5) * 0.3 - 0.6
let n[b: 4] = i32(b * 7 - 1)
let mm[b: 4, t: 20] = m[t] * f32(b)
print(h(x, x[:7], m), g(x, m), k(y, mm, n), l(x), big(x, 3), big(x, -5), none(x, 1_000_000_000_000_000_000), g(x[:0], m[:0]), g(x[:, :0], m))
print(big(x, 9_000_000_000_000_000))
print(big(x, 90_000_000_000_000_000))
# > 60 351 [0, 1247, 1584, 1652] 368 1035 -1725 0 0 0
# > 3105000000000000000
# status: 1
# stderr: an int passes 2^63
