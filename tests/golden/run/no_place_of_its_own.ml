# A sum under a guard of its own that has no place is 0, though the divisor that leaves it is NaN.
fn near(q: f32[T, D], k: f32[S, D]) -> f32[T] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j | j != i](s[i, j])
    out[i] = sum[j | s[i, j] + 1.5 > max[m](s[i, m])](p[i, j])
}
let q: f32[3, 2] = [[0.5, 1.0], [nan, 1.0], [0.25, -1.0]]
let k[j: 300, d: 2] = f32(0.001 * j * (1 + d))
print(near(q, k))
# > [1.0, 0.0, 1.0]
