## Draws without a key are functions of the seed and the statement: each its own, the same in every run.
let a ~ normal(0, 1)
let b ~ normal(0, 1)
model M(N) { param w: f32[N] ~ normal(0, 1) }
let m = M(3)
let again = M(3)
print(a == b, m.w[0] == again.w[0], m)
let k = key(7)
let x[i: 2] ~ uniform(0, 1, key: k)
print(x[0] < 1, x[0] == x[1])
# > false false M(w: [0.7238, -0.6252, -2.94])
# > true false
