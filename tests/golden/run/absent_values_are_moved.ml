## Moves keep what is absent: nothing beside it in a product is read.
fn moved(s: f32[N, N], v: f32[N, N]) -> (f32[N], f32[2 * N], f32[N], f32[2, N], f32[N, N]) {
    let p[i, j] = softmax[j | i == j](s[i, j])
    let wide = concat(p, p, p, axis: 1)
    let a[i] = sum[j: 3 * N](wide[i, j] * v[i, j % N])
    let tall = concat(2 * p, p, axis: 0)
    let b[i: 2 * N] = sum[j](tall[i, j] * v[i % N, j])
    let mixed = concat(p, v, axis: 0)
    let c[i: N] = sum[j](mixed[i, j] * v[i, j])
    let e = expand(p, 2, N, N)
    let d[q, i] = sum[j](e[q, i, j] * v[i, j])
    let flat = reshape(permute(p, 1, 0), N * N)
    let f[i, j] = flat[j * N + i] * v[i, j]
    (a, b, c, d, f)
}
print(moved([[1.0, 2.0], [3.0, 4.0]], [[1.0, nan], [nan, 2.0]]))
# > ([3.0, 6.0], [2.0, 4.0, 1.0, 2.0], [1.0, 2.0], [[1.0, 2.0],
# >  [1.0, 2.0]], [[1.0, 0.0],
# >  [0.0, 2.0]])
