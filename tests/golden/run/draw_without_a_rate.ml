## A rate of 0 would be inf, a negative one would turn the numbers round.
let rate = [2.0, 0.5, 0.0]
let some[i: 2] ~ exponential(rate[i])
print(some[0] > 0, some[1] > 0)
# > true true
let all[i: 3]: f64 ~ exponential(f64(rate[i]))
print(all)
# status: 1
# stderr: an exponential distribution needs a positive rate
