## A range whose end is before its start is as empty as one of no length.
let low = [0, 5]
let high = [2, 2]
let x[i: 2] ~ integer(low[i], high[i])
print(x)
# status: 1
# stderr: a draw from an empty range
