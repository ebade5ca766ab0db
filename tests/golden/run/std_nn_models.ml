## Layers as models give what the functions of the same name give with their parameters.
import std.nn: GroupNorm, Conv1d, Conv2d, SwiGlu, Lstm, Gru, Moe, lstm, gru, conv1d, conv2d, swiglu, group_norm
import std.nn: max_pool1d, mean_pool1d, max_pool2d, mean_pool2d, global_mean_pool, conv_transpose2d, channel_moments, batch_norm
import std.losses: entropy, kl, cross_entropy_weighted
import std.attention: attend_sink, linear_attention_elu

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

# squares that overlap, with a border: the same as along one axis after the other
let rows = max_pool1d(p[:, 1], size: 3, stride: 2, padding: 1)
let both = max_pool1d(permute(rows, 0, 2, 1), size: 3, stride: 2, padding: 1)
print(norm(max_pool2d(p, size: 3, stride: 2, padding: 1)[:, 1] - permute(both, 0, 2, 1)), mean_pool2d(ones(1, 1, 3, 3), size: 3, stride: 2, padding: 1)[0, 0])
print(max_pool1d(s, size: 3)[0, 0], norm(max_pool2d(p, size: 3) - max_pool2d(p, size: 3, stride: 3)))
# > 0.0 [[0.4444, 0.4444],
# >  [0.4444, 0.4444]]
# > [5.0] 0.0

# what conv2d sums over is where the transpose adds to: <conv(x), y> = <x, transpose(y)>
let none5: f32[5] = 0
let none3: f32[3] = 0
let q[n: 2, c: 5, y: 4, z: 4] ~ normal(0, 1)
let seven = p[:, :, :7, :7]
let there = sum(conv2d(seven, K.weight, none5, stride: 2, padding: 1) * q)
let back = conv_transpose2d(q, K.weight, none3, stride: 2, padding: 1)
print(len(back[0, 0]), abs(there - sum(seven * back)) < 1e-3)
# > 7 true

let (average, spread) = channel_moments(x)
let unit: f32[4] = 1
let still: f32[4] = 0
let normed = batch_norm(x, unit, still, average, spread)
print(max(abs(mean(normed, axis: (0, 2)))) < 1e-6, max(abs(variance(normed, axis: (0, 2)) - 1)) < 1e-3)
# > true true

# masked logits have no part in entropies and divergences; weights that are all 0 leave a mean over nothing
print(entropy([[0.0, -inf, 0.0]]), kl([[0.0, -inf, 1.0]], [[0.0, -inf, 0.0]]), cross_entropy_weighted([[1.0, 2.0]], [0], [0.0, 1.0]))
# > [0.6931] [0.1109] 0.0

# features far below 0, where elu + 1 is e^x; a sink of -inf beside a query that sees no key
let far[b: 1, h: 1, i: 3, d: 2] = -20.0 - f32(i + d)
let worth[b: 1, h: 1, i: 3, d: 1] = f32(i)
print(linear_attention_elu(far, far, worth)[0, 0, 1, 0])
let (o, l) = attend_sink(far, worth[:, :, :2], [-inf])
print(o[0, 0], l[0, 0, 0], abs(l[0, 0, 2] - logsumexp([-22.0, -23.0])) < 1e-5)
# > 0.2689
# > [[0.0],
# >  [0.0],
# >  [0.2689]] -inf true

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
