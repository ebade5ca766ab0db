# A product with its bias and activation is one kernel; what two products read is stored once.
model Net(D, F) {
  w1: f32[F, D]
  b1: f32[F]
  w2: f32[D, F]
  w3: f32[D, F]
}
export fn mlp(net: Net(D, F), x: f32[B, D]) -> (f32[B, D], f32[B, D]) {
  let h[b, f] = max(sum[d](x[b, d] * net.w1[f, d]) + net.b1[f], 0)
  let u[b, d] = sum[f](h[b, f] * net.w2[d, f])
  let v[b, d] = sum[f](h[b, f] * net.w3[d, f])
  (u, v)
}
# > mlp (layers.ml:8:1)
# >   layers.ml:9:3: h: f32[B, F] stored: its readers ask for each element several times
# >       loops: contract[d: D] (sum)
# >       2 * D * F * B + 2 * F * B operations, reads 4 * D * F + 4 * D * B + 4 * F bytes, writes 4 * F * B bytes
# >   layers.ml:10:3: u: f32[B, D] stored: a result
# >       2 * D * F * B operations, reads 4 * D * F + 4 * F * B bytes, writes 4 * D * B bytes
# >   layers.ml:11:3: v: f32[B, D] stored: a result

# A hidden layer of weights with their outputs first is two products, though weights of an attention over features first are not.
export fn outputs_first(x: f32[T, D], u: f32[D, S], w: f32[E, S]) -> f32[T, E] {
  gelu(x @ u) @ w.T
}
# > outputs_first (layers.ml:23:1)
# >   <library>/core.ml:39:43: f32[T, S] stored: its readers ask for each element several times
# >   layers.ml:24:3: f32[T, E] stored: a result
# >       loops: contract[i: S] (sum)

# Two products in an element go in blocks each: one is stored. Not of weights of a model, whose panels are read once for both.
export fn gated(x: f32[T, D], g: f32[F, D], u: f32[F, D]) -> f32[T, F] {
  silu(x @ g.T) * (x @ u.T)
}
# > gated (layers.ml:32:1)
# >   layers.ml:33:8: f32[T, F] stored: a product beside another one of its reader, so that each goes in blocks
# >   layers.ml:33:3: f32[T, F] stored: a result
# >       loops: contract[i: D] (sum)
# >   threads: 4 kernels in 1 region, 1 barrier within it

model Gate(D, F) {
  param g: f32[F, D] = 0
  param u: f32[F, D] = 0
}
export fn gated_by_weights(net: Gate(D, F), x: f32[T, D]) -> f32[T, F] {
  silu(x @ net.g.T) * (x @ net.u.T)
}
# > gated_by_weights (layers.ml:45:1)
# >   layers.ml:46:3: f32[T, F] stored: a result
# >       loops: contract[i: D] (sum), then contract[i: D] (sum)
# >   threads: 1 kernel

# A few rows, if their number is written, go in no blocks.
export fn gated_few(x: f32[4, D], g: f32[F, D], u: f32[F, D]) -> f32[4, F] {
  silu(x @ g.T) * (x @ u.T)
}
# > gated_few (layers.ml:54:1)
# >   layers.ml:55:3: f32[4, F] stored: a result
# >       loops: contract[i: D] (sum), then contract[i: D] (sum)
# >   threads: 1 kernel
