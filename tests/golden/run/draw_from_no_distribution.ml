## Parameters outside of their domain are a status, of one element as of all; at its ends distributions are one number.
let rate[i: 4] = f32(i) / 3
let sure[i: 4] ~ bernoulli(rate[i])
let still[i: 4] ~ normal(rate[i], 0)
let same[i: 4] ~ uniform(rate[i], rate[i])
let half[i: 4]: f16 ~ normal(0, f16(rate[i]))
print(sure[0], sure[3], still[1] <= rate[1] and still[1] >= rate[1], same[3], half[0])
# > false true true 1.0 0.0
let x[i: 4] ~ bernoulli(rate[i] * 1.5)
print(x)
# status: 1
# stderr: a probability is between 0 and 1
