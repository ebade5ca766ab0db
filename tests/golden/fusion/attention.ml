# Naive causal attention is one kernel with one pass over the keys, and no tensor of T x S elements is stored.
export fn attention(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> f32[T, E] {
  let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(D)
  let p[i, j] = softmax[j | j <= i](s[i, j])
  let o[i, e] = sum[j](p[i, j] * v[j, e])
  o
}
# > attention (attention.ml:2:1)
# >   attention.ml:4:3: p: f32[T, S] streamed: computed block by block in one pass over the axis that its reader reduces
# >   attention.ml:3:3: s: f32[T, S] streamed: computed block by block in one pass over the axis that its reader reduces
# >   attention.ml:5:3: o: f32[T, E] stored: a result
# >       loops: stream[j: S within bounds] (max, sum, sum)
# Grouped heads: a head counts once.
export fn grouped(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, E]) -> f32[H, T, E] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d])
    let p[h, i, j] = softmax[j](s[h, i, j])
    out[h, i, e] = sum[j](p[h, i, j] * v[h // (H / G), j, e])
}
# > grouped (attention.ml:14:1)
# >       2 * H * T * D * S + 2 * H * T * S * E + 4 * H * T * S operations, reads 4 * H * T * D + 4 * D * G * S + 4 * G * S * E bytes, writes 4 * H * T * E bytes
# never: f32[T, S] stored
# A window for some of the heads that share keys: bounds, not a mask.
export fn some_heads(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, E], local: bool[H]) -> f32[H, T, E] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d])
    let p[h, i, j] = softmax[j | not local[h] or i - j < 100](s[h, i, j])
    out[h, i, e] = sum[j](p[h, i, j] * v[h // (H / G), j, e])
}
# > some_heads (attention.ml:23:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)
