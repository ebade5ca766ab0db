## `a < b <= c` is `a < b and b <= c`.
fn inside(a: int, x: int, b: int) -> bool = a <= x < b
print(1 < 2 < 3, 1 < 3 < 2, 3 > 2 > 1, 1 <= 1 < 2 <= 2, 1 == 1 != 2)
# > true false true true true
print(inside(0, 0, 4), inside(0, 3, 4), inside(0, 4, 4), inside(0, -1, 4))
# > true true false false
let x = [1.0, 2.0, 3.0, 4.0, 5.0]
print(sum[i | 1 <= i < 4](x[i]), count[i | 1.5 < x[i] <= 4](x[i] > 0))
# > 9.0 3
let nothing = 0.0 / 0.0
print(nothing < 1, nothing > 1, nothing == nothing, nothing != nothing)
# > false false false true
