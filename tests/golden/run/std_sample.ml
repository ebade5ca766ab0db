## Beams against all sequences, and the masks of std.sample.
import std.sample: beam_search, beam_step, beam_rank, repeats, keep_typical, draw_likely

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
let row: f32[200, 3] = 0
let skewed[b: 200, v: 3] = row[b, v] + f32(v) * 5
let d = draw_likely(skewed, key(1), least: 0.05)
print(min(d), max(d))
# > [[true, true, false, false],
# >  [false, true, false, false]]
# > 2 2
