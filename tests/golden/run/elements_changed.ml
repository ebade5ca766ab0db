# Elements and every k-th element of a variable are assigned, and changed by calls.
var x: f32[7] = 0
x[::2] = 1
x[1::3] = [5.0, 6.0]
print(x)
var m: f32[4, 6] = 0
m[::2, 1::2] = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
m[1, ::3] = 9
m[:, 0] += 0.5
print(m)
fn f(var x: f32[N], k: int) where k >= 0, 2 * k < N { x[k::2] = x[k::2] * 10 }
f(var x, 1)
print(x)
struct P { x: f32 = 0
 y: f32 = 0 }
struct S { ps: [P; 3]
 w: f32[2] = 1 }
var s = S(ps: [P(), P(x: 1), P(y: 5)])
fn move(var p: P, d: f32) -> f32 { p.x += d
 p.x }
let r = move(var s.ps[0], 3)
print(s.ps[0].x, r, move(var s.ps[2], 1))
fn inc(var a: f32) { a += 1 }
inc(var x[2])
inc(var s.ps[1].y)
print(x, s.ps[1].y)
fn fill(var r: f32[N], v: f32) { for i in 0..N { r[i] = v } }
for i in 0..4 { fill(var m[i], f32(i)) }
print(m)
fn all(var ps: [P; N]) { for i in 0..N { let _ = move(var ps[i], f32(i)) } }
all(var s.ps)
print(s.ps[2].x)
fn each(var p: P, g: fn) { p.x = g(p.x) }
let d = 2.0
each(var s.ps[1], fn(v) = v * d)
print(s.ps[1].x)
# > [1.0, 5.0, 1.0, ..., 6.0, 0.0, 1.0]
# > [[0.5, 1.0, 0.0, 2.0, 0.0, 3.0],
# >  [9.5, 0.0, 0.0, 9.0, 0.0, 0.0],
# >  [0.5, 4.0, 0.0, 5.0, 0.0, 6.0],
# >  [0.5, 0.0, 0.0, 0.0, 0.0, 0.0]]
# > [1.0, 50.0, 1.0, ..., 6.0, 0.0, 1.0]
# > 3.0 3.0 1.0
# > [1.0, 50.0, 2.0, ..., 6.0, 0.0, 1.0] 1.0
# > [[0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
# >  [1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
# >  [2.0, 2.0, 2.0, 2.0, 2.0, 2.0],
# >  [3.0, 3.0, 3.0, 3.0, 3.0, 3.0]]
# > 3.0
# > 4.0
