## `//` floors and `%` has the sign of the divisor, of literals and of values that are known at run time only.
fn quotient(a: i32, b: i32) -> i32 = a // b
fn rest(a: i32, b: i32) -> i32 = a % b
fn wide(a: int, b: int) -> (int, int) = (a // b, a % b)
print(7 // 2, -7 // 2, 7 // -2, -7 // -2)
# > 3 -4 -4 3
print(7 % 2, -7 % 2, 7 % -2, -7 % -2)
# > 1 1 -1 -1
print(quotient(7, 2), quotient(-7, 2), quotient(7, -2), quotient(-7, -2))
# > 3 -4 -4 3
print(rest(7, 2), rest(-7, 2), rest(7, -2), rest(-7, -2))
# > 1 1 -1 -1
print(quotient(6, 3), quotient(-6, 3), rest(6, 3), rest(-6, 3))
# > 2 -2 0 0
for a in -3..4 {
    let (q, r) = wide(a, 3)
    print(a, q, r, q * 3 + r == a)
}
# > -3 -1 0 true
# > -2 -1 1 true
# > -1 -1 2 true
# > 0 0 0 true
# > 1 0 1 true
# > 2 0 2 true
# > 3 1 0 true
let a = [5.5, -5.5, 5.5, -5.5]
let b = [2.0, 2.0, -2.0, -2.0]
print(a // b)
# > [2.0, -3.0, -3.0, 2.0]
print(a % b)
# > [1.5, 0.5, -0.5, -1.5]
