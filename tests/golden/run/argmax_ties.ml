## Of equal values the lowest index; a NaN wins over every number.
print(argmax([3.0, 1.0, 3.0], axis: 0), argmin([3.0, 1.0, 1.0], axis: 0))
# > 0 1
print(argmax([0.0, 0.0, 0.0], axis: 0), argmax([-inf, -inf], axis: 0))
# > 0 0
let n = 0.0 / 0.0
print(argmax([1.0, n, 9.0, n], axis: 0), max([1.0, n, 9.0]), min([1.0, n, 9.0]))
# > 1 nan nan
let m = [[1, 5, 5], [7, 7, 7], [0, 1, 2]]
print(argmax(m, axis: 1), argmin(m, axis: 1))
# > [1, 0, 2] [0, 0, 0]
let long[i: 300] = if i == 37 or i == 250 { 2.0 } else { 1.0 }
print(argmax[i](long[i]), argmax[i | i > 37](long[i]))
# > 37 250
