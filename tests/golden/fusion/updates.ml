# Steps of optimisers go over memory once: each tensor is loaded and stored once, the new value takes the place of the old one, and the parts of a
# model, of which first all moments and then all weights are written, are one kernel each.
export fn momentum(var w: f32[N], var m: f32[N], g: f32[N], lr: f32) {
  m = 0.9 * m + g
  w = w - lr * (g + 0.9 * m)
}
export fn adam(var w: f32[N], var m: f32[N], var v: f32[N], g: f32[N], lr: f32, t: f32) {
  m = 0.9 * m + 0.1 * g
  v = 0.999 * v + 0.001 * g * g
  w = w - lr * (m / (1 - 0.9 ^ t) / (sqrt(v / (1 - 0.999 ^ t)) + 1e-8) + 0.01 * w)
}
export fn lion(var w: f32[N], var m: f32[N], g: f32[N], lr: f32) {
  let u = sign(0.9 * m + 0.1 * g)
  m = 0.99 * m + 0.01 * g
  w = w - lr * (u + 0.1 * w)
}
export fn mixed(var w: f32[N], var low: bf16[N], var m: f32[N], g: bf16[N], lr: f32) {
  m = 0.9 * m + f32(g)
  w = w - lr * m
  low = bf16(w)
}
export fn exchanged(var a: f32[N], var b: f32[N]) {
  let old = a
  a = 0.5 * b + 1
  b = 2 * old
}
model Net(D, H) {
  param a: f32[D, H] = 1
  param b: f32[H] = 0
  param c: f32[H, D] = 1
}
export fn step(var net: Net(D, H), var m: Net(D, H), g: Net(D, H), lr: f32) {
  let s = min(1, 1 / (norm(g) + 1e-6))
  m = 0.9 * m + s * g
  net = net - lr * m
}
# > momentum (updates.ml:3:1)
# >   updates.ml:4:7: m: f32[N] stored: a result
# >   updates.ml:5:7: w: f32[N] stored: a result
# >   memory between kernels: 0 bytes
# > adam (updates.ml:7:1)
# >   memory between kernels: 0 bytes
# > lion (updates.ml:12:1)
# >   memory between kernels: 0 bytes
# > mixed (updates.ml:17:1)
# >   memory between kernels: 0 bytes
# > exchanged (updates.ml:22:1)
# > step (updates.ml:32:1)
# >   updates.ml:33:23: f32[(D * H + 255) // 256] stored: parts of a reduction, which threads share
# >   updates.ml:33:23: f32[(H + 255) // 256] stored: parts of a reduction, which threads share
# >   threads: 9 kernels in 4 regions, 1 barrier within them
