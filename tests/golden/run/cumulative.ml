let x = [3.0, 1.0, 2.0, 5.0]
print(cumsum(x, axis: 0), cumprod(x, axis: 0), cummax(x, axis: 0))
# > [3.0, 4.0, 6.0, 11.0] [3.0, 3.0, 6.0, 30.0] [3.0, 3.0, 3.0, 5.0]
let m = [[1, 2, 3], [4, 5, 6]]
print(cumsum(m, axis: 1))
# > [[1, 3, 6],
# >  [4, 9, 15]]
let before[i] = cumsum[i](x[i]) - x[i]
print(before)
# > [0.0, 3.0, 4.0, 6.0]
