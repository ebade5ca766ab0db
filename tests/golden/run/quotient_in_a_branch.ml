# A quotient of ints in a branch asks for zero there: sizes, which know no such check, do not take its place.
fn part(n: int, a: int) -> int where a >= 0 = if n > 0 { n // a } else { 0 }
print(part(0, 0), part(7, 2))
# > 0 3
print(part(5, 0))
# status: 1
# stderr: division by zero
