## Functions and models of the library that no vectors of others cover, against numbers worked out by hand.
import std.nn: batch_norm
import std.attention: attention, attention_where
import std.heads: MedusaHead, MtpJoin, medusa_block, mtp_join
import std.sample: draw_top, discourage
import std.rl: clipped_value

# (x - mean) / sqrt(variance) * w + b, of channels [1, 3] and [2, 6]
print(batch_norm([[[1.0, 3.0], [2.0, 6.0]]], [1.0, 2.0], [0.0, 1.0], [2.0, 4.0], [1.0, 4.0], eps: 0.0))

let q[b: 2, h: 2, i: 3, d: 2] = 0.3 * f32(b + 2 * h + i * d) - 0.5
let v[b: 2, h: 1, j: 3, d: 2] = f32(j) + 0.1 * f32(d)
let k[b: 2, h: 1, j: 3, d: 2] = 0.2 * f32(j * d) - 0.1
print(max(abs(attention_where(q, k, v, fn(_, _, _, _) = true) - attention(q, k, v))) < 1e-6)
print(attention_where(q, k, v, fn(_, _, i, j) = j == i)[0, 0])                                  # each its own value
print(attention_where(q, k, v, fn(_, h, _, j) = j >= h, score: fn(_, _, _, _, j) = 0.0 - f32(j))[1, 1, 0, 0])     # (e^-1 + 2 e^-2) / (e^-1 + e^-2)

let m = MedusaHead(2, 3)
let x = [[1.0, -2.0], [0.5, 0.25]]
print(max(abs(m(x) - m.head(x))) < 1e-6, medusa_block([1.0, 2.0], [[0.0, 0.0], [0.0, 0.0]], [0.0, 0.0]))       # a new head is the projection
let j = MtpJoin(2)
print(max(abs(j(x, 2 * x) - mtp_join(x, 2 * x, j.norm_h.weight, j.norm_e.weight, j.join.weight))) < 1e-5)

let picks = [draw_top([[0.0, 3.0, 2.0, 3.0]], key(i), 2) for i in 0..40]
print(all[i, b](picks[i, b] == 1 or picks[i, b] == 3), any[i, b](picks[i, b] == 1), any[i, b](picks[i, b] == 3))
print(discourage([[1.0, 1.0, 1.0]], i64([[0, 2, 2]]), presence: 0.5, frequency: 0.25))
# half of the mean of max(0.5^2, (2.2 - 2.5)^2) and max(1^2, (0.8 - 0)^2)
print(clipped_value([[2.0, 1.0]], [[2.4, 0.6]], [[2.5, 0.0]], [[true, true]], 0.2))
# > [[[-1.0, 1.0],
# >   [-1.0, 3.0]]]
# > true
# > [[0.0, 0.1],
# >  [1.0, 1.1],
# >  [2.0, 2.1]]
# > 1.269
# > true [1.0, 2.0]
# > true
# > true true true
# > [[0.25, 1.0, 0.0]]
# > 0.3125
