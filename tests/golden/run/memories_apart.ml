# Reductions over axes of their own in one element, each with its softmax: over blocks and near places, two vocabularies, three memories of which one has no maximum.
fn wave(n: int, m: int, by: f32) -> f32[n, m] {
    out[i, j] = sin(by * i + 0.9 * j + 0.03 * i * j)
}
fn blocks_and_near(q: f32[T, D], k: f32[T, D], v: f32[T, D], g: f32[T]) -> f32[T, D] {
    let kc[n: T // 32, d] = mean[r: 32](k[n * 32 + r, d])
    let vc[n: T // 32, d] = mean[r: 32](v[n * 32 + r, d])
    let far[i, n] = softmax[n | n * 32 + 31 <= i](sum[d](q[i, d] * kc[n, d]))
    let near[i, j] = softmax[j | i - 64 < j <= i](sum[d](q[i, d] * k[j, d]))
    out[i, d] = sigmoid(g[i]) * sum[n](far[i, n] * vc[n, d]) + sum[j](near[i, j] * v[j, d])
}
fn entropies(q: f32[T, D], k: f32[S, D], old: f32[P, D]) -> (f32[T], f32) {
    let a[i, j] = log_softmax[j](sum[d](q[i, d] * k[j, d]))
    let b[i, j] = log_softmax[j](sum[d](q[i, d] * old[j, d]))
    let h[i] = -sum[j](exp(a[i, j]) * a[i, j]) - sum[j](exp(b[i, j]) * b[i, j])
    (h, sum[i](sum[j](exp(a[i, j]) * a[i, j]) * sum[j](exp(b[i, j]) * b[i, j])))
}
fn three(q: f32[T, D], k: f32[S, D], old: f32[P, D], text: f32[M, D]) -> f32[T, D] {
    let a = softmax(q @ k.T, axis: 1) @ k
    let b = softmax(q @ old.T, axis: 1) @ old
    let c[i, j] = sigmoid(sum[d](q[i, d] * text[j, d]))
    out[i, d] = a[i, d] + b[i, d] * sum[j](c[i, j] * text[j, d])
}
# One maximum of both: neither stands alone.
fn joined(q: f32[T, D], k: f32[S, D], old: f32[P, D]) -> f32[T, D] {
    let a = q @ k.T
    let b = q @ old.T
    let m[i] = max(max[j](a[i, j]), max[j](b[i, j]))
    let z[i] = sum[j](exp(a[i, j] - m[i])) + sum[j](exp(b[i, j] - m[i]))
    out[i, d] = (sum[j](exp(a[i, j] - m[i]) * k[j, d]) + sum[j](exp(b[i, j] - m[i]) * old[j, d])) / z[i]
}

let q = wave(300, 4, 1.7)
let k = wave(300, 4, 0.4)
let old = wave(270, 4, 0.7)
let text = wave(20, 4, 2.1)
print(blocks_and_near(q, k, k * 0.5, q[:, 0])[299], norm(blocks_and_near(q, k, k * 0.5, q[:, 0])))
print(entropies(q, k, old))
print(three(q, k, old, text)[299], norm(three(q, k, old, text)))
print(joined(q, k, old)[299], norm(joined(q, k, old)))
# > [-0.1499, 0.06771, 0.08241, -0.1806] 7.533
# > ([10.54, 10.24, 10.61, ..., 10.85, 9.401, 10.87], 8016.0)
# > [-0.2684, 0.3496, 0.3411, -0.1289] 30.41
# > [-0.2951, 0.1369, 0.1577, -0.3206] 12.26
