let x = [5.0, -1.0, 3.0, 8.0, -2.0]
print(sum[i | x[i] > 0](x[i]), mean[i | x[i] > 0](x[i]), count[i | i % 2 == 0](x[i] > 0))
# > 16.0 5.333 2
print(max[i | i < 3](x[i]), min[i | i != 4](x[i]), argmax[i | i != 3](x[i]), argmin[i | x[i] > 0](x[i]))
# > 5.0 -1.0 0 2
print(prod[i | i > 0 and x[i] < 4](x[i]))
# > 6.0
## The body is not looked at where the guard is false: sqrt of a negative number is never taken, no element outside is read.
print(sum[i | x[i] > 4](sqrt(x[i] - 4)), sum[i: 9 | i < 5](x[i]))
# > 3.0 13.0
let causal[i: 4, j: 4] = if j <= i { 1 } else { 0 }
print(sum[i, j | j <= i](causal[i, j]), sum[i, j | j > i](causal[i, j]))
# > 10 0
