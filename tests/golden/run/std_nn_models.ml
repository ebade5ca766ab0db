## Layers as models give what the functions of the same name give with their parameters.
import std.nn: GroupNorm, Conv1d, Conv2d, SwiGlu, Lstm, Gru, Moe, lstm, gru, conv1d, conv2d, swiglu, group_norm
import std.nn: max_pool1d, mean_pool1d, max_pool2d, mean_pool2d, global_mean_pool

let x[n: 2, c: 4, l: 9] ~ normal(0, 1)
let G = GroupNorm(4, 2)
let C = Conv1d(4, 6, 3, padding: 1)
print(norm(G(x) - group_norm(x, G.weight, G.bias, 2)), norm(C(x) - conv1d(x, C.weight, C.bias, padding: 1)), abs(mean(G(x))) < 1e-6)
# > 0.0 0.0 true

let p[n: 2, c: 3, y: 8, z: 8] ~ normal(0, 1)
let K = Conv2d(3, 5, 3, stride: 2, padding: 1)
print(norm(K(p) - conv2d(p, K.weight, K.bias, stride: 2, padding: 1)), len(K(p)[0]), norm(global_mean_pool(p) - mean(p, axis: (2, 3))))
print(norm(max_pool2d(p) - max_pool2d(-p)) > 0, norm(mean_pool2d(p) + mean_pool2d(-p)))
let s = [[[1.0, 5.0, 2.0, 4.0, 3.0]]]
print(max_pool1d(s), mean_pool1d(s, size: 3, stride: 1, padding: 1)[0, 0], max_pool1d(s, size: 3, stride: 2, padding: 1)[0, 0])
# > 0.0 5 0.0
# > true 0.0
# > [[[5.0, 4.0]]] [2.0, 2.667, 3.667, 3.0, 2.333] [5.0, 5.0, 4.0]

let t[i: 5, b: 2, d: 4] ~ normal(0, 1)
let A = Lstm(4, 3)
let B = Gru(4, 3)
let (h, _, _) = lstm(t, zeros(2, 3), zeros(2, 3), A.w_ih, A.w_hh, A.b_ih, A.b_hh)
let (u, _) = gru(t, zeros(2, 3), B.w_ih, B.w_hh, B.b_ih, B.b_hh)
print(norm(A(t) - h), norm(B(t) - u), max(abs(A(t))) < 1)
# > 0.0 0.0 true

let F = SwiGlu(4, 6)
let M = Moe(4, 6, 3, 3)
let one = Moe(4, 6, 1, 1)
let v[i: 5, d: 4] ~ normal(0, 1)
print(norm(F(v) - swiglu(v, F.gate.weight, F.up.weight, F.down.weight)), norm(M(v)) > 0)
print(norm(one(v) - swiglu(v, one.gate[0], one.up[0], one.down[0])) < 1e-6)
# > 0.0 true
# > true
