## Beams against all sequences, and the masks of std.sample.
import std.sample: beam_search, beam_step, beam_rank, repeats, keep_typical, draw_likely
import std.sample: greedy, draw, draw_top, keep_nucleus, keep_likely, kept, pick

let x[i: 4, j: 4] ~ normal(0, 1, key: key(5))
let lp = log_softmax(x, axis: -1)
# all 64 sequences of three tokens after 0; 3 ends one
let path[a: 4, b: 4, c: 4] = if (a == 3 and (b != 3 or c != 3)) or (b == 3 and c != 3) { -inf }
    else { lp[0, a] + (if a == 3 { 0 } else { lp[a, b] }) + (if a == 3 or b == 3 { 0 } else { lp[b, c] }) }
let (tokens, scores) = beam_search(lp, 0, 3, 3, 4)
let (best, at) = topk(reshape(path, 64), 2, axis: -1)
print(abs(scores[0] - best[0]) < 1e-6, all[i](tokens[0, i] == [at[0] // 16, at[0] // 4 % 4, at[0] % 4][i]), scores[0] >= scores[1])
# > true true true

let (s, from, token) = beam_step([-1.0, -1.5], [[-9.0, -9.0, -9.0], [-0.25, -2.0, -3.0]], [true, false], 2)
print(s, from, token, beam_rank(-3, 7, 1), beam_rank(-3, 7, 0))
# > [-1.0, -1.75] [0, 1] [2, 0] -1.5 -3.0

# after 5 6 7 5 6 the trigram 5 6 7 would come again
let no = repeats([[5, 6, 7, 5, 6, 0]], 5, 3, 9)
print(count[v](no[0, v]), no[0, 7], count[v](repeats([[5, 6, 7, 5, 6, 0]], 5, 1, 9)[0, v]), any[v](repeats([[5, 6, 7]], 1, 3, 9)[0, v]))
# > 1 true 3 false

# an even row keeps the first half; a sure token is typical
print(keep_typical([[0.0, 0.0, 0.0, 0.0], [0.0, 50.0, 0.0, 0.0]], 0.5))
let row: f32[400, 3] = 0
let skewed[b: 200, v: 3] = row[b, v] + f32(v) * 5
let d = draw_likely(skewed, key(1), least: 0.05)
print(min(d), max(d))
# > [[true, true, false, false],
# >  [false, true, false, false]]
# > 2 2

# temperature 0 is the likeliest token, the lowest of equals; so is nucleus 0; what is drawn from is as wide as is said
let even[b: 400, v: 3] = row[b, v] + (if v == 0 { 0.0 } else { 1.0 })
print(max(draw(even, key(2), temperature: 0)), max(draw_top(even, key(2), 3, temperature: 0)), max(draw_likely(even, key(2), temperature: 0, least: 0)))
print(max(draw(even, key(2), nucleus: 0)), min(draw(even, key(2), nucleus: 0.5)), min(draw(even, key(2))), max(draw_likely(even, key(2), least: 1)))
let half[b: 400, v: 3] = f16(even[b, v])
print(max(greedy(half)), min(draw(half, key(2))), max(draw(half, key(2))), greedy([[[0.0, 1.0]], [[1.0, 1.0]]]))
# > 1 1 1
# > 1 1 0 2
# > 1 0 2 [[1],
# >  [0]]

# what is not a number of equal ones by rounding is all of them; a token that is ruled out has no part in typical ones
let flat: f32[1, 100000] = 0
print(count[v](keep_nucleus(flat, 1)[0, v]), keep_nucleus([[1.0, 0.0]], 0), keep_likely([[3.0, 3.0, 2.0]], 1), keep_typical([[1.0, -inf, 0.0]], 0.9))
# > 100000 [[true, false]] [[true, true, false]] [[true, false, true]]

# the sum of these is below the u; 3 and 4 are not drawn for it, nor 0 for u = 0
print(pick([[0.0, 0.9, 0.0999999, 0.0, 0.0], [0.0, 0.9, 0.0999999, 0.0, 0.0]], [0.99999994, 0.0]))
# > [2, 1]

# a row's token is the same beside a row whose nucleus has more than 1,024 tokens
let peaked[b: 1, v: 3000] = if v % 600 == 7 * b { 10.0 } else { -10.0 + f32(b) }
let both[b: 2, v: 3000] = if b == 0 { peaked[0, v] } else { 0.0 }
let alone = [draw(peaked, key(i), nucleus: 0.9)[0] for i in 0..20]
let beside = [draw(both, key(i), nucleus: 0.9)[0] for i in 0..20]
print(all[i](alone[i] == beside[i]), min(alone) < max(alone), all[i](alone[i] % 600 == 0))
let wide = keep_nucleus(both, 0.9)
print(count[v](wide[0, v]), abs(count[v](wide[1, v]) - 2700) < 3, count[v](keep_nucleus(peaked, 0.9)[0, v]))
# > true true true
# > 5 true 5
