# An update whose old value is read afterwards copies the whole tensor.
export fn moved(x: f32[N], i: int) -> (f32[N], f32) where 0 <= i < N {
  var y = x
  y[i] = 1
  (y, x[i])
}
# > moved (copies.ml:2:1)
# >   copies.ml:4:3: y: f32[N] copied: its old value is read afterwards, or is not the function's own

# What is dead afterwards is replaced in place: a ring of transitions, a cache that a loop over layers fills, a result that loops build.
struct Ring(N, D) {
    state: f32[N, D] = 0
    seen: int = 0
}
export fn push(var r: Ring(N, D), s: f32[B, D]) where N >= 1 {
    for b in 0..B {
        r.state[r.seen % N] = s[b]
        r.seen += 1
    }
}
# > push (copies.ml:15:1)
# >   memory between kernels: 0 bytes
export fn sums(x: f32[T, D]) -> f32[T, D] = cumsum(x, axis: 0)
# > sums (copies.ml:23:1)
# >   memory between kernels: 0 bytes

# The old rows are still read while new ones are written: one copy, of the old ones.
export fn rolled(var h: f32[T, D], x: f32[D]) where T >= 1 {
    let old = h
    for t in 0..T - 1 { h[t] = old[t + 1] }
    h[T - 1] = x
}
# > rolled (copies.ml:28:1)
# >   memory between kernels: 64 * ((4 * T * D + 63) // 64) bytes

# A long filter for each channel, channels last: its elements are read across its rows for each pair of places, so it is turned once; what computes it writes it so.
export fn filtered(x: f32[B, T, D], h: f32[D, T], fade: f32[D]) -> f32[B, T, D] {
    let f[d, m] = h[d, m] * exp(-fade[d] * f32(m))
    out[b, t, d] = sum[j: T | j <= t](f[d, t - j] * x[b, j, d])
}
# > filtered (copies.ml:37:1)
# >   copies.ml:38:5: f: f32[D, T] stored: its reader puts its elements in another order
# >   copies.ml:38:5: f: f32[T, D] stored: with its axes turned, because sums read across its rows
# >   copies.ml:39:5: f32[B, T, D] stored: a result
# >   threads: 2 kernels in 1 region, 1 barrier within it
