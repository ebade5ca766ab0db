# The three recurrences of linear_attention.ml against the same sums written out, and against one another.
import linear_attention: decayed, linear, gated_delta
let q[b: 2, h: 2, t: 5, i: 3] = 0.1 * f32((b * 7 + h * 5 + t * 3 + i * 4) % 9) - 0.3
let k[b: 2, h: 2, t: 5, i: 3] = 0.2 * f32((b * 5 + h * 3 + t * 7 + i * 2) % 8) - 0.5
let v[b: 2, h: 2, t: 5, j: 4] = 0.25 * f32((b * 3 + h * 2 + t * 5 + j * 7) % 6) - 0.5
let a[b: 2, h: 2, t: 5] = 0.5 + 0.1 * f32((b + h + t) % 5)
let one[b: 2, h: 2, t: 5] = 1.0
let y = decayed(q, k, v, a)
print(y[1, 0])
# without decay: the sum over earlier places
let plain[b: 2, h: 2, t: 5, j: 4] = sum[s: 5, i | s <= t](q[b, h, t, i] * k[b, h, s, i] * v[b, h, s, j])
print(max(abs(decayed(q, k, v, one) - plain)) < 1e-6)
let (f, g) = (elu(q) + 1, elu(k) + 1)
let w[b: 2, h: 2, t: 5, s: 5] = sum[i](f[b, h, t, i] * g[b, h, s, i])
let full[b: 2, h: 2, t: 5, j: 4] = sum[s | s <= t](w[b, h, t, s] * v[b, h, s, j]) / sum[s | s <= t](w[b, h, t, s])
print(max(abs(linear(q, k, v) - full)) < 1e-6)
print(linear(q, k, v)[0, 1])
# with beta 0 nothing is written: the state only fades
let nothing[b: 2, h: 2, t: 5] = 0.0
let start[b: 2, h: 2, i: 3, j: 4] = 0.3 * f32((i + j) % 3)
let kept[b: 2, h: 2, t: 5, j: 4] = sum[i](q[b, h, t, i] * start[b, h, i, j]) * prod[s: 5 | s <= t](a[b, h, s])
print(max(abs(gated_delta(q, k, v, a, nothing, start) - kept)) < 1e-6)
print(gated_delta(q, k, v, a, a, start)[1, 1])
# > [[0.005, 0.01, 0.015, -0.01],
# >  [0.02975, 0.117, 0.2042, 0.113],
# >  [0.005, 0.216, 0.427, 0.218],
# >  [-0.126, -0.04796, 0.03006, 0.09296],
# >  [0.01209, 0.09337, 0.06965, -0.01832]]
# > true
# > true
# > [[0.0, 0.25, 0.5, 0.75],
# >  [-0.1161, 0.1339, 0.3839, 0.6339],
# >  [-0.225, 0.02499, 0.275, 0.525],
# >  [-0.03663, -0.07675, 0.1733, 0.4233],
# >  [0.07843, 0.1005, 0.02885, 0.2789]]
# > true
# > [[0.01039, 0.1853, -0.01595, 0.04714],
# >  [0.1925, 0.1713, -0.09724, -0.034],
# >  [0.1147, -0.2183, -0.1585, 0.2723],
# >  [-0.03257, 0.02717, 0.04792, 0.1927],
# >  [0.07759, 0.06586, 0.02738, -0.07681]]
