# What stands to the left of a change in an expression has the value from before it, what stands to the right the value after it.
struct Tape(N) { at: f32[N] = 0; len: int = 0 }
fn next(var n: int) -> int { n += 1; n }
fn first(var x: f32[N]) -> f32 where N >= 1 { x[0] += 1; x[0] }
fn put(var t: Tape(N), x: f32) -> int where t.len < N { t.at[t.len] = x; t.len += 1; t.len }
fn sum3(a: int, b: int, c: int) -> int = 100 * a + 10 * b + c
fn inside(m: int, c: bool) -> (int, int, int, int) {
    var n = m
    let a = n * 10 + next(var n)
    let b = next(var n) * 10 + n
    let d = n + (if c { n = 5; 10 } else { 20 }) + n
    let e = (if n > 3 { n += 1; 1 } else { 2 }) + n
    (a, b, d, e)
}
print(inside(0, true), inside(1, false))
# > (1, 22, 17, 7) (12, 33, 26, 5)
var n = 1
print((n, next(var n), n), [n, next(var n), n], sum3(n, next(var n), n))
# > (1, 2, 2) [2, 3, 3] 344
n += next(var n)
print(n, n < next(var n) <= n, n == n + 0 * next(var n))
# > 9 true true
var x = [1.0, 2.0]
let y = x[0] * 100 + first(var x) * 10 + x[0]
let z = sum(x) + first(var x) + sum(x)
let w = (x, first(var x), 2 * x)
print(y, z, w)
# > 122.0 12.0 ([3.0, 2.0], 4.0, [8.0, 4.0])
let s = x[0] + (if x[1] > 0 { x[0] = 7; x[0] } else { 1 }) + x[0]
print(s)
# > 18.0
var t = Tape(3)
print([t.len, put(var t, t.at[0] + 5), t.len, put(var t, 6)], t.at)
let u = (t.at, t.len, put(var t, 9), t.at)
print(u)
# > [0, 1, 1, 2] [5.0, 6.0, 0.0]
# > ([5.0, 6.0, 0.0], 2, 3, [5.0, 6.0, 9.0])
while n + 0 * next(var n) < 13 { n += 1 }
(n, x[0]) = (n + next(var n), x[0] + first(var x))
print(n, x)
# > 29 [15.0, 2.0]
# In branches and in functions that are written in the expression, too.
fn ft(c: bool) -> (f32, int, f32) {
    var x = [1.0, 2.0]
    let a = (if c { x[0] } else { 5.0 }) * 100 + first(var x)
    var n = 1
    let f = fn() = n
    let b = f() * 100 + next(var n) * 10 + f()
    let g = fn() { let q = x[0]; q * 2 }
    let d = g() * 100 + first(var x)
    (a, b, d)
}
print(ft(true), ft(false))
# > (102.0, 122, 403.0) (502.0, 122, 403.0)
fn br(c: bool) -> (f32, f32, int, f32) {
    var x = [1.0, 2.0]
    let a = (if c { x[0] = 30; x[0] } else { x[1] }) * 100 + first(var x)
    let b = (if c { if x[1] > 0 { x[0] } else { 0.0 } } else { let x = [7.0]; x[0] }) * 100 + first(var x)
    var n = 1
    let d = next(var n) * 100 + (if c { n } else { 0 }) * 10 + next(var n)
    let e = (if c { let q = sum(x); q * 2 } else { sum[i](x[i] * 2) }) * 100 + first(var x) + x[0]
    (a, b, d, e)
}
print(br(true), br(false))
# > (3031.0, 3132.0, 223, 6866.0) (202.0, 703.0, 203, 1008.0)
