## One call changes two elements of a variable: those that are two. What is known to be two asks nothing.
struct P(N) {
    x: f32[N] = 0
    n: f32 = 0
}
fn both(var a: f32, var b: f32) {
    a += 1
    b += 2
}
fn parts(var a: f32[N], var b: f32[M]) {
    a += 1
    b += 2
}
fn at(var t: f32[N], i: int, j: int) { both(var t[i], var t[j]) }
fn rows(var t: f32[N, N], i: int, j: int) { parts(var t[i], var t[j, ..]) }
fn halves(var t: f32[N], i: int, j: int) where i >= 0, j >= i, j <= N { parts(var t[:i], var t[j:]) }
fn combed(var t: f32[N]) { parts(var t[::2], var t[1::2]) }
fn next(var t: f32[N], i: int) where i >= 0, i + 1 < N { both(var t[i], var t[i + 1]) }
fn of_field(var p: P(N), i: int, j: int) { both(var p.x[i], var p.x[j]) }
fn beside(var p: P(N), i: int) { both(var p.x[i], var p.n) }

var t = [0.0, 0.0, 0.0]
at(var t, 1, 2)
combed(var t)
next(var t, 0)
halves(var t, 1, 1)
halves(var t, 0, 3)
print(t)
# > [3.0, 7.0, 5.0]
var p = P(3)
of_field(var p, 0, 1)
beside(var p, 0)
print(p.x, p.n)
# > [2.0, 2.0, 0.0] 2.0
var m = zeros(2, 2)
rows(var m, 1, 0)
print(m)
# > [[2.0, 2.0],
# >  [1.0, 1.0]]
