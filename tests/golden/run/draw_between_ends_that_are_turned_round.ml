## A range that ends before it begins; what is written out is known to be none, the other is looked at.
let low = [-1.0, 0.5]
let some[i: 2] ~ uniform(low[i], 0.5)
print(some[0] < 0.5, some[1])
# > true 0.5
let all[i: 2] ~ uniform(low[i], 0)
print(all)
# status: 1
# stderr: a draw from an empty range
