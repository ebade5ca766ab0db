# Norms go over memory once: statistics and result of a row, a group or an image are one kernel; the sum before a norm is stored by the kernel
# that norms it; mean and variance of columns are one kernel, and another one writes the result.
export fn layer(x: f32[T, N], g: f32[N], b: f32[N]) -> f32[T, N] {
  let m[t] = mean[n](x[t, n])
  let v[t] = mean[n]((x[t, n] - m[t]) ^ 2)
  out[t, n] = (x[t, n] - m[t]) * rsqrt(v[t] + 1e-5) * g[n] + b[n]
}
export fn group(x: f32[B, G, C, H, W], g: f32[G, C]) -> f32[B, G, C, H, W] {
  let m[b, p] = mean[c, h, w](x[b, p, c, h, w])
  let v[b, p] = mean[c, h, w]((x[b, p, c, h, w] - m[b, p]) ^ 2)
  out[b, p, c, h, w] = (x[b, p, c, h, w] - m[b, p]) * rsqrt(v[b, p] + 1e-5) * g[p, c]
}
export fn low(x: bf16[T, N], g: bf16[N]) -> bf16[T, N] {
  let m[t] = mean[n](f32(x[t, n]))
  let v[t] = mean[n]((f32(x[t, n]) - m[t]) ^ 2)
  out[t, n] = bf16((f32(x[t, n]) - m[t]) * rsqrt(v[t] + 1e-5) * f32(g[n]))
}
export fn residual(x: f32[T, N], y: f32[T, N], g: f32[N]) -> (f32[T, N], f32[T, N]) {
  let s = x + y
  let v[t] = mean[n](s[t, n] ^ 2)
  let r[t, n] = s[t, n] * rsqrt(v[t] + 1e-6) * g[n]
  (s, r)
}
export fn embedding(e: f32[V, N], g: f32[N], token: i32[T]) -> f32[T, N] {
  let x[t, n] = e[clip(token[t], 0, V - 1), n]
  let v[t] = mean[n](x[t, n] ^ 2)
  out[t, n] = x[t, n] * rsqrt(v[t] + 1e-6) * g[n]
}
export fn standard(x: f32[T, N]) -> f32[T, N] {
  let m[n] = mean[t](x[t, n])
  let v[n] = mean[t]((x[t, n] - m[n]) ^ 2)
  out[t, n] = (x[t, n] - m[n]) * rsqrt(v[n] + 1e-5)
}
export fn batch(x: f32[B, C, H, W]) -> f32[B, C, H, W] {
  let m[c] = mean[b, h, w](x[b, c, h, w])
  let v[c] = mean[b, h, w]((x[b, c, h, w] - m[c]) ^ 2)
  out[b, c, h, w] = (x[b, c, h, w] - m[c]) * rsqrt(v[c] + 1e-5)
}
export fn linear(x: f32[T, K], w: f32[K, N], g: f32[K]) -> f32[T, N] {
  let v[t] = mean[k](x[t, k] ^ 2)
  let y[t, k] = x[t, k] * rsqrt(v[t] + 1e-6) * g[k]
  y @ w
}
export fn columns(x: f32[T, N]) -> f32[T, N] { out[t, n] = softmax[t](x[t, n]) }
# > layer (norms.ml:3:1)
# >   norms.ml:4:3: m: f32[T] recomputed where it is read: its one reader goes over the same rows
# >   norms.ml:6:3: f32[T, N] stored: a result
# >       loops: lanes[n: N] (sum), then lanes[n: N] (sum)
# >       8 * T * N + 4 * T operations, reads 4 * T * N + 8 * N bytes, writes 4 * T * N bytes
# >   memory between kernels: 0 bytes
# > group (norms.ml:8:1)
# >   norms.ml:9:3: m: f32[B, G] stored: its loops would run inside another reduction
# >       loops: lanes[c: C, h: H, w: W] (sum)
# >   memory between kernels: 0 bytes
# > low (norms.ml:13:1)
# >   memory between kernels: 0 bytes
# > residual (norms.ml:18:1)
# >   norms.ml:19:11: s: f32[T, N] stored: a result
# >   memory between kernels: 0 bytes
# > embedding (norms.ml:24:1)
# >   norms.ml:25:3: x: f32[T, N] recomputed where it is read: it only moves data
# >   memory between kernels: 0 bytes
# > standard (norms.ml:29:1)
# >   threads: 2 kernels in 1 region, 1 barrier within it
# > batch (norms.ml:34:1)
# >   threads: 2 kernels in 1 region, 1 barrier within it
# > linear (norms.ml:39:1)
# >   norms.ml:41:3: y: f32[T, K] stored: its readers ask for each element several times
# >       loops: lanes[k: K] (sum)
# >   norms.ml:42:3: f32[T, N] stored: a result
# >       loops: contract[i: K] (sum)
# > columns (norms.ml:44:1)
# >   threads: 2 kernels in 1 region, 1 barrier within it
