# Kernels that stand together, and choices between kernels, are one parallel region. The second product does not wait for the first one's
# reader: a thread waits for the norm, then for each product where it is read.
model Block(D, F) {
  w1: f32[F, D]
  w2: f32[F, D]
}
export fn block(net: Block(D, F), x: f32[T, D]) -> (f32[T, F], f32[T, F]) {
  let r[t] = rsqrt(mean[d](x[t, d] ^ 2) + 1e-5)
  let y[t, d] = x[t, d] * r[t]
  let a[t, f] = sum[d](y[t, d] * net.w1[f, d])
  let p[t, f] = a[t, f] - a[t, F - 1 - f]
  let b[t, f] = sum[d](y[t, d] * net.w2[f, d])
  let q[t, f] = b[t, f] + b[t, F - 1 - f]
  (p, q)
}
# >   memory between kernels: each call places its tensors when it knows their sizes; 5038080 bytes with 256 for every dim
# >       0 % more than what lives at one time, with 256 for every dim
# >   threads: 7 kernels in 1 region, 3 barriers within it
