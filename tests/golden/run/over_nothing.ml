let x = [1.0, 2.0]
print(sum[i | i > 5](x[i]), count[i | i > 5](x[i] > 0), mean[i | i > 5](x[i]), prod[i | i > 5](x[i]))
# > 0.0 0 0.0 1.0
print(max[i | i > 5](x[i]), min[i | i > 5](x[i]), argmax[i | i > 5](x[i]), logsumexp[i | i > 5](x[i]))
# > -inf inf -1 -inf
print(all[i | i > 5](x[i] > 9), any[i | i > 5](x[i] < 9))
# > true false
let k = i32([1, 2])
print(max[i | i > 5](k[i]), min[i | i > 5](k[i]), sum[i | i > 5](k[i]))
# > -2147483648 2147483647 0
let none = zeros(0)
print(sum(none), max(none), argmax(none, axis: 0), none)
# > 0.0 -inf -1 []
let empty = zeros(3, 0)
print(sum(empty, axis: 1), sum(empty, axis: 0))
# > [0.0, 0.0, 0.0] []
