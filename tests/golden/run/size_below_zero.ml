# A size that is computed to be negative.
var n = 3
n -= 5
print(n)
let x[i: n] = 1.0
print(x)
# > -2
# status: 1
# stderr: size_below_zero.ml:5:
