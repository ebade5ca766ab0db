## `x[i] ?? y` is y where the read falls outside.
let x = [1.0, 2.0, 4.0]
let left[i: 3] = x[i - 1] ?? 0
let wide[i: 5] = x[i - 1] ?? -1
let sums[i: 3] = (x[i - 1] ?? 0) + x[i] + (x[i + 1] ?? 0)
print(left, wide, sums)
# > [0.0, 1.0, 2.0] [-1.0, 1.0, 2.0, 4.0, -1.0] [3.0, 7.0, 6.0]
let image = [[1.0, 2.0], [3.0, 4.0]]
let w = [[0.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 0.0]]
let blurred[r: 2, c: 2] = sum[i, j](w[i, j] * (image[r + i - 1, c + j - 1] ?? 0))
print(blurred)
# > [[6.0, 7.0],
# >  [8.0, 9.0]]
