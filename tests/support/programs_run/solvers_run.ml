# Solvers and optimisers of trpo.ml and adamw.ml.
import trpo: conjugate_gradient, kl, Policy
import adamw: AdamW, adamw_state, adamw, clipped
model P(N) { param w: f32[N] = 1
  param u: f32 = 2 }
let b = P(3, w: [1.0, 2.0, 3.0])
let damping = 0.5
let scale = [1.0, 2.0, 4.0]
let x = conjugate_gradient(fn(v) = P(3, w: v.w * scale, u: 3 * v.u) + damping * v, b)
print(x.w, x.u)
fn solve(b: P(N), diag: f32[N]) -> P(N) = conjugate_gradient(fn(v: P(N)) = P(N, w: v.w * diag, u: v.u), b)
print(solve(b, scale).w)
var o = adamw_state(b)
var net = b
(net, o) = adamw(net, b * 0.5, o)
print(net.w, o.step, clipped(b, 1).w, norm(clipped(b, 1)))
let pol = Policy(3, 4, 2)
let st[i: 5, s: 3] = 0.1 * f32(i + s)
print(kl(pol(st), pol(st * 2)))
# > [0.6667, 0.8, 0.6667] 0.5714
# > [1.0, 1.0, 0.75]
# > [0.999, 1.999, 2.999] 1 [0.2357, 0.4714, 0.7071] 1.0
# > 0.007367
