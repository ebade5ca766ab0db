# A loop that only `return` leaves has nothing behind it.
fn odd_sum(m: int) -> int {
    var s = 0
    var i = 0
    while true {
        i += 1
        if i % 2 == 0 { continue }
        if i > m { return s }
        s += i
    }
}
fn root(x: f32) -> (f32, int) where x >= 0 {
    var y = max(x, 1.0)
    var n = 0
    while true {
        let z = 0.5 * (y + x / y)
        n += 1
        if abs(z - y) < 1e-6 { return (z, n) }
        y = z
    }
}
fn halves(x: f32[N]) -> f32[N] {
    var y = x
    while true {
        if all(y < 1) { return y }
        y = y / 2
        for i in 0..N { if y[i] < 0 { break } }
    }
}
fn broken(m: int) -> int {
    var n = m
    while true { n += 1; if n > 5 { break } }
    n
}
print(odd_sum(10), root(2), halves([8.0, 3.0]), broken(2))
# > 25 (1.414, 5) [0.5, 0.1875] 6
