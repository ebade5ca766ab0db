# A function written in a call reads the variables of the place where it is written.
fn weights(s: float[T, S], bias: fn, allowed: fn) -> float[T, S] {
    out[i, j] = softmax[j | allowed(i, j)](s[i, j] + bias(i, j))
}
fn twice(g: fn(f32) -> f32, x: f32) -> f32 = g(g(x))
fn integrate(g: fn(f32) -> f32, a: f32, b: f32; steps = 100) -> f32 {
    let h = (b - a) / steps
    h * sum[i: steps](g(a + (i + 0.5) * h))
}
fn rows(x: float[.., N], f: fn) -> float[..] {
    out[..] = f(x[..])
}
fn halves(x: float[2 * H], f: fn) -> (float[H], float[H]) {
    let y = f(x)
    (y[:H], y[H:])
}
fn scaled_sums(x: f32[B, N], k: f32) -> f32[B] = rows(x, fn(r) = k * sum(r))
fn outer(g: fn, x: f32) -> f32 {
    let c = x + 1
    twice(fn(y) = c * g(y), x)
}
fn products(x: f32[M, N], w: f32[N]) -> f32[M] = rows(x, fn(r) = sum[i](r[i] * w[i]))
let mask = [[true, false], [true, true]]
print(weights([[1.0, 2.0], [3.0, 4.0]], fn(i, j) = 0.5 * j, fn(i, j) = mask[i, j]))
# > [[1.0, 0.0],
# >  [0.1824, 0.8176]]
let k = 3.0
print(twice(fn(x) = k * x, 2), integrate(fn(x) = x * x + k, 0, 3))
# > 18.0 18.0
print(rows([[1.0, 2.0], [3.0, 4.0]], fn(r) = max(r)), scaled_sums([[1.0, 2.0], [3.0, 4.0]], 2.0))
# > [2.0, 4.0] [6.0, 14.0]
print(halves([1.0, 2.0, 3.0, 4.0], fn(v) = v * v), outer(fn(y) = y + 1, 2.0))
# > ([1.0, 4.0], [9.0, 16.0]) 30.0
print(products([[1.0, 2.0]], [3.0, 4.0]))
# > [11.0]
let q[i: 3] = twice(fn(y) = y + i, 1.0)
print(q)
# > [1.0, 3.0, 5.0]
fn row_maxima(x: f32[.., N]) -> f32[..] { out[..] = max(x[..]) }
print(row_maxima([[1.0, 2.0], [3.0, 4.0]]))
# > [2.0, 4.0]
