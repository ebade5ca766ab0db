fn collatz(n: int) -> int {
    var k = n
    var steps = 0
    while k != 1 {
        k = if k % 2 == 0 { k // 2 } else { 3 * k + 1 }
        steps += 1
    }
    steps
}
fn gcd(a: int, b: int) -> int {
    var x = a
    var y = b
    while y != 0 { (x, y) = (y, x % y) }
    x
}
fn first_over(x: f32[N], limit: f32) -> int {
    var i = 0
    while true {
        if i == N { break }
        if x[i] > limit { break }
        i += 1
    }
    i
}
print(collatz(1), collatz(6), collatz(27))
# > 0 8 111
print(gcd(48, 36), gcd(17, 5), gcd(0, 9))
# > 12 1 9
print(first_over([1.0, 5.0, 2.0], 1.5), first_over([1.0, 5.0, 2.0], 9))
# > 1 3
