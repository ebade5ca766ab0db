# status: 1
# stderr: fit
fn small(n: int) -> i8 = n
print(small(127))
# > 127
print(small(128))
