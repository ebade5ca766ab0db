# Keys in other orders: features before places, heads between them. The same pass, and no tensor of T x S.
export fn transposed(q: f32[H, T, D], k: f32[G, D, S], v: f32[G, S, E]) -> f32[H, T, E] {
    let p[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[h // (H / G), d, j]) / sqrt(D))
    out[h, i, e] = sum[j](p[h, i, j] * v[h // (H / G), j, e])
}
# > transposed (keys.ml:2:1)
# >       loops: stream[j: S] (max, sum, sum)
export fn gates(q: f32[H, T, D], k: f32[H, D, S], v: f32[H, S, E]) -> f32[H, T, E] = sigmoid(q @ k) @ v
# > gates (keys.ml:8:1)
# >       loops: stream[i: S] (sum)
export fn grouped(q: f32[H, T, D], k: f32[G, D, S], v: f32[G, S, E]) -> f32[H, T, E] {
    let p[h, i, j] = sigmoid(sum[d](q[h, i, d] * k[h // (H / G), d, j]))
    out[h, i, e] = sum[j](p[h, i, j] * v[h // (H / G), j, e])
}
# > grouped (keys.ml:11:1)
# >       loops: stream[j: S] (sum)
export fn between(q: f32[T, H, D], k: f32[S, D, H], v: f32[S, H, E]) -> f32[T, H, E] {
    let p[h, i, j] = softmax[j](sum[d](q[i, h, d] * k[j, d, h]))
    out[i, h, e] = sum[j](p[h, i, j] * v[j, h, e])
}
# > between (keys.ml:17:1)
# >       loops: stream[j: S] (max, sum, sum)
export fn features(q: f32[T, H, D], k: f32[D, H, S], v: f32[S, H, E]) -> f32[T, H, E] {
    let p[h, i, j] = sigmoid(sum[d](q[i, h, d] * k[d, h, j]))
    out[i, h, e] = sum[j](p[h, i, j] * v[j, h, e])
}
# > features (keys.ml:23:1)
# >       loops: stream[j: S] (sum)
# never: f32[H, T, S] stored

# What looks like gates of one head is the hidden layer of a network: two products.
export fn hidden(x: f32[T, D], up: f32[D, F], down: f32[F, E]) -> f32[T, E] = sigmoid(x @ up) @ down
# > hidden (keys.ml:32:1)
# >       loops: contract[i: D] (sum)
# >       loops: contract[i: F] (sum)

# Keys and values of bytes whose features have scales in groups: the groups are no heads, and the scores are computed once for all features.
export fn scaled(q: f32[H, T, D], k: i8[H, S, D], c: f32[H, S, D / 32], v: i8[H, S, D], e: f32[H, S, D / 32]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * f32(k[h, j, d]) * c[h, j, d // 32]) / sqrt(D)
    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * (f32(v[h, j, d]) * e[h, j, d // 32]))
}
# > scaled (keys.ml:38:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)
# >   memory between kernels: 13688832 bytes with 256 for every dim; it depends on H, T, D, S
