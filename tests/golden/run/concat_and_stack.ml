let a = [1.0, 2.0]
let b = [3.0, 4.0, 5.0]
print(concat(a, b, axis: 0), concat(a, b, a, axis: -1))
# > [1.0, 2.0, 3.0, 4.0, 5.0] [1.0, 2.0, 3.0, ..., 5.0, 1.0, 2.0]
let m = [a, 10 * a]
print(m)
# > [[1.0, 2.0],
# >  [10.0, 20.0]]
print(concat(m, m, axis: 0))
# > [[1.0, 2.0],
# >  [10.0, 20.0],
# >  [1.0, 2.0],
# >  [10.0, 20.0]]
print(concat(m, m[:, :1], axis: 1))
# > [[1.0, 2.0, 1.0],
# >  [10.0, 20.0, 10.0]]
## An operand that lacks leading axes is repeated along them.
print(concat(a, m, axis: -1))
# > [[1.0, 2.0, 1.0, 2.0],
# >  [1.0, 2.0, 10.0, 20.0]]
let squares = [f32(k * k) for k in 0..5]
print(squares)
# > [0.0, 1.0, 4.0, 9.0, 16.0]
