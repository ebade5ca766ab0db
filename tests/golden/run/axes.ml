# Whole tensors: slices, products, axis forms, concat, permute, reshape.
# > [[1.0, 4.0],
# >  [2.0, 5.0],
# >  [3.0, 6.0]] [6.0, 15.0]
# > [[17.0, 22.0, 27.0],
# >  [22.0, 29.0, 36.0],
# >  [27.0, 36.0, 45.0]]
# > [[2.0, 3.0],
# >  [5.0, 6.0]] 6.0 [4.0, 5.0, 6.0] [[1.0, 3.0],
# >  [4.0, 6.0]]
# > 21.0 [2.5, 3.5, 4.5] [3.0, 6.0] 2.917 [[6.0],
# >  [15.0]] [2, 2]
# > [[1.0, 2.0, 3.0],
# >  [4.0, 5.0, 6.0],
# >  [11.0, 12.0, 13.0],
# >  [14.0, 15.0, 16.0]]
# > [1.0, 3.0, 6.0, 10.0, 15.0, 21.0] [6.0, 5.0] [5, 4]
# > [[0.09003, 0.2447, 0.6652],
# >  [0.09003, 0.2447, 0.6652]]
let m = reshape([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, 3)
print(permute(m, 1, 0), m @ [1.0, 1.0, 1.0])
print(m.T @ m)
print(m[:, 1:], m[1, -1], m[-1], m[.., ::2])
print(sum(m), mean(m, axis: 0), max(m, axis: 1), variance(m), sum(m, axis: 1, keep: true), argmax(m, axis: 1))
print(concat(m, m + 10, axis: 0))
let flat = reshape(m, 6)
let (v, i) = topk(flat, 2, axis: -1)
print(cumsum(flat, axis: 0), v, i)
print(softmax(m, axis: -1))
