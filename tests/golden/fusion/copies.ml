# An update whose old value is read afterwards copies the whole tensor.
export fn moved(x: f32[N], i: int) -> (f32[N], f32) where 0 <= i < N {
  var y = x
  y[i] = 1
  (y, x[i])
}
# > moved (copies.ml:2:1)
# >   copies.ml:4:3: y: f32[N] copied: its old value is read afterwards, or is not the function's own
