# attention_variants, conv, ddpg, llama, max_area, mtp, operators, sampling, train, trpo, gpt2
import attention_variants: sliding, alibi, softcap, packed, prefix_lm, cross, sigmoidal, differential, relative
import conv
import llama: Llama, Cache, step, generate
import max_area: max_area, max_area_all, max_areas
import mtp: shifted_loss, parallel_loss, sequential_loss, Depth
import operators: causal, saliency, cross_entropy, entropy
import sampling: sample, penalise, verify
import gpt2: Gpt2
import gpt2
let q[b: 2, h: 4, i: 3, d: 4] = 0.1 * f32((b * 7 + h * 5 + i * 3 + d * 4) % 9) - 0.3
let kk[b: 2, g: 2, j: 5, d: 4] = 0.2 * f32((b * 5 + g * 3 + j * 7 + d * 2) % 8) - 0.5
let vv[b: 2, g: 2, j: 5, d: 4] = 0.25 * f32((b * 3 + g * 2 + j * 5 + d * 7) % 6) - 0.5
let kt = kk[:, :, :3]
let vt = vv[:, :, :3]
let slope = [0.5, 0.25, 0.125, 0.0625]
let doc: i32[2, 3] = [[0, 0, 1], [0, 1, 1]]
let nn: i32[2] = [1, 2]
fn s(x: f32[..]) -> f32 = sum(x * x)
print(s(sliding(q, kk, vv, 2)), s(alibi(q, kk, vv, slope)), s(softcap(q, kk, vv)), s(packed(q, kt, vt, doc)), s(prefix_lm(q, kt, vt, nn)))
print(s(cross(q, kk, vv, nn)), s(sigmoidal(q, kk, vv)), s(differential(q, kk, q * 2, kk, vv, 0.3)))
let bias[h: 4, r: 5] = 0.1 * f32(h - r)
print(relative(q, kk, vv, bias)[1, 2])
let net = conv.Net(10)
let image[b: 2, c: 1, y: 28, x: 28] = 0.1 * f32((b * 11 + c * 5 + y * 3 + x * 7) % 19) - 1
print(conv.loss(net, image, [3, 4]))
let l = Llama(11, 2, 8, 4, 2, 16)
print(generate(l, [1, 2, 3], 4))
var c = Cache(2, 1, 2, 8, 2)
print(step(l, [[1, 2, 3]], var c)[0, :3], c.len)
print(max_area([1, 8, 6, 2, 5, 4, 8, 3, 7]), max_area_all([1, 8, 6, 2, 5, 4, 8, 3, 7]), max_areas([[1, 2, 1], [4, 3, 5]]))
let head[k: 2, v: 5, d: 4] = 0.1 * f32((k * 3 + v * 5 + d) % 7)
let x[b: 2, t: 6, d: 4] = 0.1 * f32((b * 3 + t * 5 + d) % 7) - 0.3
let tok[b: 2, t: 6]: i32 = i32((b + t) % 5)
print(parallel_loss(head, x, tok))
let depth = [Depth(4, 8) for _ in 0..2]
print(sequential_loss(depth, head[0], x, tok))
print(s(causal(q, q, q)), saliency(image[:, 0, :3, :3], image[:, 0, :3, :3] > -0.5)[0], cross_entropy(head[0], [1, 2, 3, 0, 1]), entropy(head[0]))
print(sample(head[0], key(3), top: 3), penalise(head[0, :2], tok[:, :3]))
let p[n: 4, v: 5] = softmax[v](head[0, v, n] * f32(v))
print(verify([1, 2, 3], p[:3], p, key(4)))
let g = Gpt2(11, 8, 2, 8, 2)
print(gpt2.loss(g, tok))
# > 11.54 5.51 4.803 17.53 11.13
# > 14.32 2.024 2.331
# > [[0.2973, 0.2401, 0.1073, 0.03752],
# >  [0.2724, 0.1826, 0.1252, 0.1025],
# >  [0.3142, 0.232, 0.1113, 0.008547]]
# > 2.2
# > [5, 5, 5, 5]
# > [0.05914, -0.04916, 0.0532] 3
# > 49 49 [2, 8]
# > 2.42
# > 1.627
# > 4.133 [[0.0, 0.1019, 0.2053],
# >  [0.0, 0.1376, 0.2771],
# >  [0.09225, 0.1858, 0.0]] 1.517 [1.38, 1.355, 1.38, 1.38, 1.357]
# > [2, 1, 1, 1, 2] [[0.0, 0.09091, 0.1818, 0.3],
# >  [0.5, 0.5455, 0.0, 0.09091]]
# > (3, 2)
# > 2.426
