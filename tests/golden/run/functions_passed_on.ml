# Functions that read variables of their place are passed on: to methods, to functions that return early or change a variable.
let k = 3.0
let scaled = fn(x: f32) -> f32 = k * x
fn each(g: fn, x: f32[N]) -> f32[N] { out[i] = g(x[i]) }
fn tripled(x: f32) -> f32 = scaled(x) + scaled(0)
print(scaled(2.0), each(scaled, [1.0, 2.0]), tripled(1.0))
# > 6.0 [3.0, 6.0] 3.0
fn first(x: f32[N], ok: fn) -> int {
    for i in 0..N { if ok(x[i]) { return i } }
    -1
}
let limit = 2.5
print(first([1.0, 2.0, 3.0], fn(x) = x > limit), first([1.0], fn(x) = x > limit))
# > 2 -1
fn firsts(x: f32[B, N], least: f32[B]) -> i64[B] {
    out[b] = first(x[b], fn(v) = v >= least[b])
}
print(firsts([[1.0, 2.0], [3.0, 4.0]], [2.0, 3.0]))
# > [1, 0]
struct State(N) {
    x: f32[N] = 0
    n: int = 0
}
fn step(var s: State(N), g: fn) where s.n < 2 {
    s.x = g(s.x)
    s.n += 1
}
fn both(var s: State(N), g: fn) {
    step(var s, g)
    step(var s, fn(x) = 10 * g(x))
}
var s = State(3)
let d = 2.0
step(var s, fn(x) = x + d)
print(s.x, s.n)
# > [2.0, 2.0, 2.0] 1
var t = State(2)
both(var t, fn(x) = x + d)
print(t.x, t.n)
# > [40.0, 40.0] 2
model Layer(D; H = 2) {
    half = D * H
    param w: f32[D] = 2
    fn apply(x: f32[D], act: fn) -> f32[D] {
        if half < 0 { return x }
        act(w * x) + half
    }
    fn masked(x: f32[D], mask: f32[D]) -> f32[D] = apply(x, fn(v) = v * mask * w)
}
let m = Layer(3)
let b = 1.0
print(m.apply([1.0, 2.0, 3.0], fn(x) = x + b), m.masked([1.0, 2.0, 3.0], [1.0, 0.0, 1.0]))
# > [9.0, 11.0, 13.0] [10.0, 6.0, 18.0]
fn least(x: f32[N], f: fn) -> (f32, int) {
    var best = inf
    var at = -1
    for i in 0..N {
        let y = f(x[i])
        if y < best {
            best = y
            at = i
        }
    }
    return (best, at)
}
print(least([1.0, 2.0, 3.0], fn(x) = (x - d) ^ 2))
# > (0.0, 1)
fn bisect(f: fn, lo: f32, hi: f32) -> f32 {
    var a = lo
    var b = hi
    while b - a > 1e-4 {
        let c = (a + b) / 2
        if f(c) == 0 { return c }
        if f(c) > 0 { b = c } else { a = c }
    }
    a
}
fn roots(y: f32[N]) -> f32[N] { out[i] = bisect(fn(x) = x * x - y[i], 0, 10) }
print(roots([25.0, 6.25]))
# > [5.0, 2.5]
fn count(n: int, p: fn) -> int {
    var c = 0
    for i in 0..n {
        if not p(i) { continue }
        c += 1
    }
    c
}
print(count(10, fn(i) = i % int(k) == 0), count(3, fn(i) { if i > 1 { return true }; i == 0 }))
# > 4 2
fn totals(x: f32[B, N]) -> f32[B] {
    out[b] = sum(each(fn(v) = v + f32(b), x[b]))
}
print(totals([[1.0, 2.0], [3.0, 4.0]]))
# > [3.0, 9.0]
fn power[g: fn](x: f32; n = 2) -> f32 {
    var y = x
    for _ in 0..n { y = g(y) }
    y
}
print(power[fn(x) = k * x](1.0), power[scaled](1.0, n: 3))
# > 9.0 27.0
