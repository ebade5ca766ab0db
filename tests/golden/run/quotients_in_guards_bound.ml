# Places whose quotient is compared are a range: x // k == b is k b <= x < k (b + 1), on either side, with the other comparisons, of sums of places, too.
fn sums(x: f32[T]) -> (f32[T], f32[T], f32[T], f32[T], f32[T], f32[T], f32[T]) {
    let a[i: T] = sum[j | j // 4 < i // 4](x[j])
    let b[i: T] = sum[j | i // 4 < j // 4](x[j])
    let c[i: T] = sum[j | i // 4 <= (j + 1) // 4](x[j])
    let d[i: T] = sum[j | (i - j) // 3 == 1](x[j])
    let e[i: T] = sum[j | (j - i) // 5 == -1](x[j])
    let f[i: T] = sum[j | i // 2 == j // 3](x[j])
    let g[i: T] = sum[j | 2 >= j // 3 and (i + j) // 4 > 1](x[j])
    (a, b, c, d, e, f, g)
}
fn chunks(q: f32[T, D], k: f32[T, D], v: f32[T, D]) -> f32[T, D] {
    let p[i, j] = softmax[j | j <= i and j // 3 == i // 3](sum[d](q[i, d] * k[j, d]))
    out[i, d] = sum[j](p[i, j] * v[j, d])
}
fn windows(q: f32[Y, X, D], v: f32[Y, X, D]) -> f32[Y, X, D] {
    let p[y, x, w: Y, z: X] = softmax[w, z | w // 2 == y // 2 and z // 2 == x // 2](sum[d](q[y, x, d] * q[w, z, d]))
    out[y, x, d] = sum[w, z](p[y, x, w, z] * v[w, z, d])
}
fn limited(x: f32[T], limit: int) -> f32 = sum[j | j // 3 <= limit](x[j])

## Quotients by a size: the places of each part of an axis, more parts than places, and none of either.
fn pooled(x: f32[Y], parts: f32[P]) -> (f32[P], f32[P], f32[P], f32[P]) {
    let a[p] = parts[p] + sum[y | y * P // Y == p](x[y])
    let b[p: P] = sum[y | p < y * P // Y](x[y])
    let c[p: P] = sum[y | y * P // Y < p](x[y])
    let d[p: P] = max[y | y * P // Y >= p and 2 * y // Y <= p](x[y])
    (a, b, c, d)
}
fn parts(q: f32[T, D], k: f32[S, D], v: f32[S, D]) -> f32[T, D] {
    let p[i, j] = softmax[j | j * T // S == i](sum[d](q[i, d] * k[j, d]))
    out[i, d] = sum[j](p[i, j] * v[j, d])
}

let x = [f32(i) for i in 1..12]
let q = [[1.0], [2.0], [0.0], [1.0], [-1.0], [3.0], [1.0]]
let v = [[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0]]
fn mixed(x: f32[N]) -> f32 = sum[n](f32(n + 1) * x[n])
let (a, b, c, d, e, f, g) = sums(x)
print(mixed(a), mixed(b), mixed(c), mixed(d), mixed(e), mixed(f), mixed(g))
print(reshape(chunks(q, q, v)[:6], 6), chunks(q, q, v)[6])
print(windows(reshape(x[:9], 3, 3, 1) / 9, reshape(x[:9], 3, 3, 1)))
print(limited(x, 1), limited(x, -1), limited(x, 9223372036854775807), limited(x, -9223372036854775807 - 1), limited(x, 3074457345618258602))
let none: f32[0] = 0
print(pooled(x, zeros(1)), pooled(x, zeros(4)), pooled(x, zeros(11)))
print(pooled(x, zeros(13)), pooled(none, zeros(3)), pooled(x, none))
print(parts(v[:3], q, v), len(parts(v, zeros(0, 1), zeros(0, 1))))
# > 1340.0 1340.0 3360.0 760.0 1575.0 702.0 2640.0
# > [1.0, 1.881, 2.0, 4.0, 4.881, 5.995] [7.0]
# > [[[3.031],
# >   [3.062],
# >   [4.583]],
# >  [[3.123],
# >   [3.154],
# >   [4.666]],
# >  [[7.522],
# >   [7.525],
# >   [9.0]]]
# > 21.0 0.0 66.0 0.0 66.0
# > ([66.0], [0.0], [0.0], [6.0]) ([6.0, 15.0, 24.0, 21.0], [60.0, 45.0, 21.0, 0.0], [0.0, 6.0, 21.0, 45.0], [6.0, 11.0, 11.0, 11.0]) ([1.0, 2.0, 3.0, ..., 9.0, 10.0, 11.0], [65.0, 63.0, 60.0, ..., 21.0, 11.0, 0.0], [0.0, 1.0, 3.0, ..., 36.0, 45.0, 55.0], [6.0, 11.0, 11.0, ..., 11.0, 11.0, 11.0])
# > ([1.0, 2.0, 3.0, ..., 10.0, 11.0, 0.0], [65.0, 63.0, 60.0, ..., 11.0, 0.0, 0.0], [0.0, 1.0, 3.0, ..., 45.0, 55.0, 66.0], [6.0, 11.0, 11.0, ..., 11.0, 11.0, -inf]) ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [-inf, -inf, -inf]) ([], [], [], [])
# > [[1.845],
# >  [4.018],
# >  [6.002]] 7
