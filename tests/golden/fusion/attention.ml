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
# never: f32[T, S] stored
