# Ranges whose ends differ by row: a pass over the axis that they walk, within its bounds.
# never: f32[H, T, T] stored
# never: f32[H, min(T, 64), T] stored
export fn window(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: int) -> f32[H, T, D] where w >= 1 {
    let e[h, i, j] = exp(sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D))
    let z[h, i] = sum[j: max(0, i - w + 1)..i + 1](e[h, i, j])
    out[h, i, d] = sum[j: max(0, i - w + 1)..i + 1](e[h, i, j] * v[h, j, d]) / z[h, i]
}
# > window (ranges.ml:4:1)
# >       loops: stream[j: T within bounds] (sum, sum)

# Written in the sums: scores have a name then, of the whole axis.
export fn inline(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: int) -> f32[H, T, D] where w >= 1 {
    let m[h, i] = max[j: max(0, i - w + 1)..i + 1](sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D))
    let e[h, i, j] = exp(sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D) - m[h, i])
    out[h, i, d] = sum[j: max(0, i - w + 1)..i + 1](e[h, i, j] * v[h, j, d]) / sum[j: max(0, i - w + 1)..i + 1](e[h, i, j])
}
# > inline (ranges.ml:13:1)
# >       loops: stream[j: T within bounds] (max, sum, sum)

# A range that may be empty; a vector for each distance, which there is in the window only.
export fn around(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], w: int) -> f32[H, T, D] where w >= 1 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let m[h, i] = max[j: max(0, i - w)..min(S, i + w + 1)](s[h, i, j])
    let e[h, i, j] = exp(s[h, i, j] - m[h, i])
    out[h, i, d] = sum[j: max(0, i - w)..min(S, i + w + 1)](e[h, i, j] * v[h, j, d]) / sum[j: max(0, i - w)..min(S, i + w + 1)](e[h, i, j])
}
# > around (ranges.ml:22:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)
export fn biased(q: f32[T, D], k: f32[T, D], v: f32[T, D], b: f32[W]) -> f32[T, D] where W >= 1 {
    let z[i] = sum[j: max(0, i - W + 1)..i + 1](exp(sum[d](q[i, d] * k[j, d]) + b[i - j]))
    out[i, d] = sum[j: max(0, i - W + 1)..i + 1](exp(sum[e](q[i, e] * k[j, e]) + b[i - j]) * v[j, d]) / z[i]
}
# > biased (ranges.ml:30:1)
# >       loops: stream[j: T within bounds] (sum, sum)

# The ends by a table: what lies outside of the axis is looked for before, row by row.
export fn packed(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], from: int[T], to: int[T]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let m[h, i] = max[j: from[i]..to[i]](s[h, i, j])
    let e[h, i, j] = exp(s[h, i, j] - m[h, i])
    out[h, i, d] = sum[j: from[i]..to[i]](e[h, i, j] * v[h, j, d]) / sum[j: from[i]..to[i]](e[h, i, j])
}
# > packed (ranges.ml:38:1)
# >       loops: stream[j: T within bounds] (max, sum, sum)

# On both axes of a picture.
export fn near(q: f32[R, C, D], k: f32[R, C, D], v: f32[R, C, D], w: int) -> f32[R, C, D] where w >= 1 {
    let e[y, x, u, t] = exp(sum[d](q[y, x, d] * k[u, t, d]))
    let z[y, x] = sum[u: max(0, y - w)..min(R, y + w + 1), t: max(0, x - w)..min(C, x + w + 1)](e[y, x, u, t])
    out[y, x, d] = sum[u: max(0, y - w)..min(R, y + w + 1), t: max(0, x - w)..min(C, x + w + 1)](e[y, x, u, t] * v[u, t, d]) / z[y, x]
}
# > near (ranges.ml:48:1)
# >       loops: stream[u: R * C within bounds] (sum, sum)

# A flattened picture: rows of it that are near are bounds.
export fn flat(q: f32[H, N, D], k: f32[H, N, D], v: f32[H, N, D], w: int, cols: int) -> f32[H, N, D] where cols >= 1 {
    let p[h, i, j] = softmax[j | abs(i // cols - j // cols) <= w and abs(i % cols - j % cols) <= w](sum[d](q[h, i, d] * k[h, j, d]))
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > flat (ranges.ml:57:1)
# >       loops: stream[j: N within bounds] (max, sum, sum)

# Written in one operator; and gradients, whose sums over rows have ranges of their own.
export fn inside(q: f32[T, D], k: f32[T, D], w: int) -> f32[T] where w >= 1 {
    out[i] = logsumexp[j: max(0, i - w + 1)..i + 1](sum[d](q[i, d] * k[j, d]))
}
export fn backward(q: f32[T, D], k: f32[T, D], v: f32[T, D], g: f32[T, D], z: f32[T], c: f32[T], w: int) -> (f32[T, D], f32[T, D]) where w >= 1 {
    let p[i, j] = exp(sum[d](q[i, d] * k[j, d]) - z[i])
    let ds[i, j] = p[i, j] * (sum[d](g[i, d] * v[j, d]) - c[i])
    let dq[i, d] = sum[j: max(0, i - w + 1)..i + 1](ds[i, j] * k[j, d])
    let dk[j, d] = sum[i: j..min(T, j + w)](ds[i, j] * q[i, d])
    (dq, dk)
}
# > inside (ranges.ml:65:1)
# >       loops: stream[j: T within bounds] (max, sum)
# > backward (ranges.ml:68:1)
# >       loops: stream[j: T within bounds] (sum)
# >       loops: stream[i: T within bounds] (sum)
