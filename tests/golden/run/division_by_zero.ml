# status: 1
# stderr: zero
fn quotient(a: i32, b: i32) -> i32 = a // b
print(quotient(6, 3))
# > 2
print(quotient(6, 0))
