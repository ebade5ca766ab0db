fn triangle(n: int) -> int {
    var s = 0
    for i in 0..n { s += i }
    s
}
fn odd_until(n: int, stop_at: int) -> int {
    var s = 0
    for i in 0..n {
        if i % 2 == 0 { continue }
        if i > stop_at { break }
        s += i
    }
    s
}
fn find(x: i32[N], what: i32) -> int {
    for i in 0..N {
        if x[i] == what { return i }
    }
    -1
}
fn pairs(n: int) -> int {
    var s = 0
    for i in 0..n {
        for j in i + 1..n { s += 10 * i + j }
    }
    s
}
print(triangle(5), triangle(0), triangle(-3))
# > 10 0 0
print(odd_until(10, 5), odd_until(10, 100), odd_until(0, 5))
# > 9 25 0
print(find(i32([4, 7, 7, 9]), 7), find(i32([4, 7, 7, 9]), 5))
# > 1 -1
print(pairs(3))
# > 15
for k in 2..4 { print(k, k * k) }
# > 2 4
# > 3 9
for (a, b) in zip([1, 2, 3], [10, 20, 30]) { print(a + b) }
# > 11
# > 22
# > 33
