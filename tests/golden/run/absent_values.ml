## Where a pointwise operator is absent: a product skips the other factor, a sum takes the other term, all else reads 0.
let s = [1.0, 1.0, 7.0]
let p[j] = softmax[j | j < 2](s[j])
let bad = [2.0, 4.0, 0.0 / 0.0]
print(sum[j](softmax[j | j < 2](s[j]) * bad[j]))
# > 3.0
let plus[j] = softmax[j | j < 2](s[j]) + 1
let minus[j] = softmax[j | j < 2](s[j]) - 1
let from[j] = exp(softmax[j | j < 2](s[j]))
print(plus, minus, from)
# > [1.5, 1.5, 1.0] [-0.5, -0.5, -1.0] [1.649, 1.649, 1.0]
print(p, sum(p), max(p), min(p))
# > [0.5, 0.5, 0.0] 1.0 0.5 0.0
