## The smallest integer by -1 has no quotient of its type: a status, as division by zero is. The rest is 0.
# status: 1
# stderr: the quotient does not fit its type
fn quotient(x: i32, y: i32) -> i32 = x // y
fn rest(x: i32, y: i32) -> i32 = x % y
fn all(x: i8[N], y: i8[N]) -> i8[N] { out[i] = x[i] // y[i] }
fn wide(x: int, y: int) -> int = x // y
let small = i32(-2147483648)
print(quotient(small, 1), quotient(small + 1, -1), rest(small, -1), rest(small, 7), wide(-9, -1))
# > -2147483648 2147483647 0 5 9
print(all([i8(-127), i8(-128)], [i8(-1), i8(2)]))
# > [127, -64]
print(quotient(small, -1))
