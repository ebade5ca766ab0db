## NaN is in no domain either.
let spread = [0.0, 1.0, nan]
let some[i: 2] ~ normal(1, spread[i])
print(some[0])
# > 1.0
let all[i: 3] ~ normal(1, spread[i])
print(all)
# status: 1
# stderr: a deviation is not negative
