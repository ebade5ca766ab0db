let m = [[3.0, -1.0, 2.0], [0.5, 4.0, 2.0]]
print(sum(m), max(m), min(m), mean(m), prod(m))
# > 10.5 4.0 -1.0 1.75 -24.0
print(sum(m, axis: 0), sum(m, axis: -1), max(m, axis: 1))
# > [3.5, 3.0, 4.0] [4.0, 6.5] [3.0, 4.0]
print(sum(m, axis: (0, 1)), sum(m, axis: 0, keep: true))
# > 10.5 [[3.5, 3.0, 4.0]]
print(argmax(m, axis: 1), argmin(m, axis: 1))
# > [0, 1] [1, 0]
print(sum[i, j](m[i, j]), max[i, j](m[i, j] * (i + 1)), sum[i](m[i, 2] * m[i, 0]))
# > 10.5 8.0 7.0
print(any(m < 0), all(m < 0), count[i, j](m[i, j] == 2.0))
# > true false 2
print(variance(m[0] - m[0]), logsumexp([0.0, 0.0]), sum[i: 5](i), prod[i: 1..6](i))
# > 0.0 0.6931 10 120
print(sum([1, 2, 4, 5]), mean(f32([1, 2, 4, 5])))
# > 12 3.0
