## Rules of std.attention that hold for all numbers: what one form gives, another gives, too.
import std.attention: scores, attend, attend_sink, attend_near, attend_window, attend_causal, attend_masked, attend_prefix, attend_length
import std.attention: attention, causal_attention, sliding_attention, cross_attention, latent_attention, merged, attend_parts, softcap

let q[b: 2, h: 4, i: 5, d: 6] ~ normal(0, 1)
let k[b: 2, h: 2, i: 7, d: 6] ~ normal(0, 1)
let v[b: 2, h: 2, i: 7, d: 3] ~ normal(0, 1)
let s = scores(q, k, 6 ^ -0.5)
fn far(a: f32[B, H, T, E], b: f32[B, H, T, E]) -> bool = max(abs(a - b)) > 2e-6
let (o, _) = attend(s, v)
print(far(attention(q, k, v), o), far(sliding_attention(q, k, v, 7), causal_attention(q, k, v)), far(cross_attention(q, k, v, i64([7, 7])), o))
# > false false false

# of length 3 in row 1: the first three keys alone
let (l, _) = attend_length(s[1:, :, :, :3], v[1:, :, :3], i64([3]))
print(far(cross_attention(q, k, v, i64([7, 3]))[1:], l))
# > false

# a sink that is very small changes nothing; of logit 0 it takes 1 / (1 + e^lse) of the weight
let (past, past_lse) = attend_causal(s, v)
let none: f32[4] = -1000
let zero: f32[4] = 0
let (without, _) = attend_sink(s, v, none)
let (with, _) = attend_sink(s, v, zero)
let share[n, h, i, e] = past[n, h, i, e] / (1 + exp(-past_lse[n, h, i]))
print(far(without, past), far(with, share))
# > false false

# neighbours of width T are all; of width 3, in the middle, a window of one to each side
let x[n: 1, h: 1, i: 6, d: 4] ~ normal(0, 1)
let t = scores(x, x, 0.5)
let (all_of, _) = attend_near(t, x, 6)
let (near, _) = attend_near(t, x, 3)
let (window, _) = attend_window(t, x, 1, 1)
let (edge, _) = attend(t[:, :, :1, :3], x[:, :, :3])
let (whole, _) = attend(t, x)
print(far(all_of, whole), far(near[:, :, 1:5], window[:, :, 1:5]), far(near[:, :, :1], edge))
# > false false false

# a prefix of all keys sees all, of none is causal; a mask says the same as a rule
let (seen, _) = attend_prefix(t, x, i64([6]))
let (unseen, _) = attend_prefix(t, x, i64([0]))
let (causal, _) = attend_causal(t, x)
let keep[n: 1, h: 1, i: 6, j: 6] = j <= i
let (masked, _) = attend_masked(t, x, keep)
print(far(seen, whole), far(unseen, causal), far(masked, causal), far(softcap(t, 1e6), t))
# > false false false false

# parts over keys merge to the whole
let (part, part_lse) = attend_parts(t, x, i64([0, 2, 2, 6]))
let (one, _) = merged(part, part_lse)
print(far(one, causal))
# > false

# latent attention unfolds to attention with the keys and values that the latents stand for
let up_key[h: 2, d: 4, c: 5] ~ normal(0, 1)
let up_value[h: 2, e: 3, c: 5] ~ normal(0, 1)
let latent[b: 1, j: 6, c: 5] ~ normal(0, 0.5)
let rope_key[b: 1, j: 6, r: 2] ~ normal(0, 1)
let qn[b: 1, h: 2, i: 6, d: 4] ~ normal(0, 1)
let qr[b: 1, h: 2, i: 6, r: 2] ~ normal(0, 1)
let key[b: 1, h: 2, j: 6, d: 6] = if d < 4 { sum[c](latent[b, j, c] * up_key[h, min(d, 3), c]) } else { rope_key[b, j, max(d - 4, 0)] }
let value[b: 1, h: 2, j: 6, e: 3] = sum[c](latent[b, j, c] * up_value[h, e, c])
print(far(latent_attention(qn, qr, latent, rope_key, up_key, up_value), causal_attention(concat(qn, qr, axis: -1), key, value)))
# > false
