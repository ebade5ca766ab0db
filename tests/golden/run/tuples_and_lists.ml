fn extremes(x: f32[N]) -> (f32, f32) where N >= 1 = (min(x), max(x))
let (low, high) = extremes([3.0, -2.0, 8.0])
print(low, high)
# > -2.0 8.0
var (a, b) = (1, 2)
(a, b) = (b, a + b)
print(a, b)
# > 2 3
let ((p, q), r) = ((1, 2), 3)
print(p + q + r)
# > 6
let squares = [k * k for k in 1..5]
print(squares, sum(squares), len(squares))
# > [1, 4, 9, 16] 30 4
