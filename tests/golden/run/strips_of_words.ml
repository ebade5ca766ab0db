# Products along words and along rows of one tensor of pairs, 256 words at a time: the last strip begins early, and its first words are computed twice.
fn gradients(x: f32[T, D], w: f32[V, D], y: i32[T]) -> (f32[T, D], f32[V, D]) where V >= 1 {
    let s[t, v] = sum[d](x[t, d] * w[v, d])
    let p[t, v] = softmax[v](s[t, v])
    let g[t, v] = p[t, v] - f32(v == y[t])
    let dx[t, d] = sum[v](g[t, v] * w[v, d])
    let dw[v, d] = sum[t](g[t, v] * x[t, d])
    (dx, dw)
}

# The same without a maximum, labels apart.
fn told(T: int, V: int) -> (bool, bool) where V >= 1, T >= 1 {
    let x[t: T, d: 3] = f32((t * 7 + d * 5) % 11) / 16 - 0.25
    let w[v: V, d: 3] = f32((v * 5 + d * 3) % 13) / 16 - 0.375
    let y[t: T] = i32((t * 31) % V)
    let (dx, dw) = gradients(x, w, y)
    let s[t, v] = exp(sum[d](x[t, d] * w[v, d]))
    let z[t] = sum[v](s[t, v])
    let ex[t, d] = sum[v](s[t, v] * w[v, d]) / z[t] - w[y[t], d]
    let hit[v: V, d] = sum[t | y[t] == v](x[t, d])
    let ew[v: V, d] = sum[t](s[t, v] / z[t] * x[t, d]) - hit[v, d]
    (max[t, d](abs(ex[t, d] - dx[t, d])) < 1e-5, max[v, d](abs(ew[v, d] - dw[v, d])) < 1e-5)
}
print(told(1, 1), told(3, 255), told(5, 256), told(4, 257), told(300, 300), told(2, 1025))
# > (true, true) (true, true) (true, true) (true, true) (true, true) (true, true)
