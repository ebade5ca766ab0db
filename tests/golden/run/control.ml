# General code: loops, early return, var parameters, structs, tuples.
# > 2 -1 P(a: 3.5, b: 3)
# > [0.0, 101.5, 3.0] 55
# > (3, 1) 3.0 [8, 5, 3, 2, 1]
# > 49 10
struct P { a: f32 = 1; b: int = 2 }
fn early(x: f32[N], limit: f32) -> int {
    for i in 0..N { if x[i] > limit { return i } }
    -1
}
fn bump(var p: P, by: f32) {
    p.a += by
    p.b += 1
}
fn median3(a: f32, b: f32, c: f32) -> f32 = max(min(a, b), min(max(a, b), c))
fn fibonacci(n: int) -> i64[n] where n >= 2 {
    var f: i64[n] = 1
    for i in 2..n { f[i] = f[i - 1] + f[i - 2] }
    f
}
fn reversed(x: i64[N]) -> i64[N] { out[i] = x[N - 1 - i] }
fn divided(a: int, b: int) -> (int, int) = (a // b, a % b)
fn digits(n: int) -> int {
    var (left, sum) = (n, 0)
    while left > 0 {
        sum += left % 10
        left = left // 10
    }
    sum
}
fn skip(n: int) -> int {
    var s = 0
    for i in 0..n {
        if i % 2 == 0 { continue }
        if i > 13 { break }
        s += i
    }
    s
}
let x = [1.0, -2.0, 3.5, 0.25]
var p = P()
bump(var p, 2.5)
print(early(x, 3), early(x, 10), p)
var acc = zeros(3)
for i in 0..3 { acc[i] = i * 1.5 }
acc[1] += 100
print(acc, sum(fibonacci(8)) + 1)
print(divided(7, 2), median3(1, 5, 3), reversed(fibonacci(6)[1:]))
print(skip(100), digits(1234))
