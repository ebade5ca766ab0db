let (value, index) = topk([3.0, 9.0, 1.0, 9.0, 5.0], 3, axis: -1)
print(value, index)
# > [9.0, 9.0, 5.0] [1, 3, 4]
let m = [[1.0, 4.0, 2.0], [6.0, 0.0, 3.0]]
let (v, at) = topk(m, 2, axis: -1)
print(v)
# > [[4.0, 2.0],
# >  [6.0, 3.0]]
print(at)
# > [[1, 2],
# >  [0, 2]]
