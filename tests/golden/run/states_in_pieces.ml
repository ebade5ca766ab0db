## Sequences in pieces, with the state handed on, are the sequence whole, to the bit.
import std.attention: linear_attention, linear_attention_from, retention, retention_from

let q[b: 2, h: 3, t: 7, i: 4] ~ normal(0, 1)
let k[b: 2, h: 3, t: 7, i: 4] ~ normal(0, 1)
let v[b: 2, h: 3, t: 7, j: 5] ~ normal(0, 1)
let decay[b: 2, h: 3, t: 7] ~ uniform(-1, 0)
let start: f32[2, 3, 4, 5] = 0

let whole = linear_attention(q, k, v)
let (a, s) = linear_attention_from(q[:, :, :3], k[:, :, :3], v[:, :, :3], start)
let (b, e) = linear_attention_from(q[:, :, 3:], k[:, :, 3:], v[:, :, 3:], s)
print(max(abs(concat(a, b, axis: 2) - whole)) <= 0)

let kept = retention(q, k, v, decay)
let (c, r) = retention_from(q[:, :, :6], k[:, :, :6], v[:, :, :6], decay[:, :, :6], start)
let (d, f) = retention_from(q[:, :, 6:], k[:, :, 6:], v[:, :, 6:], decay[:, :, 6:], r)
print(max(abs(concat(c, d, axis: 2) - kept)) <= 0)

# nothing came: the state stays what it was
let (n, same) = retention_from(q[:, :, 7:], k[:, :, 7:], v[:, :, 7:], decay[:, :, 7:], f)
print(len(n[0, 0]), max(abs(same - f)) <= 0)
# > true
# > true
# > 0 true
