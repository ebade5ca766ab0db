struct Point { x: f32; y: f32 = 2 }
struct Ring(N) {
    data: f32[N] = 0
    at: int = 0
}
fn moved(p: Point, dx: f32) -> Point {
    var q = p
    q.x += dx
    q
}
fn push(var r: Ring(N), v: f32) where N >= 1 {
    r.data[r.at % N] = v
    r.at += 1
}
let p = Point(x: 1)
let q = moved(p, 0.5)
print(p.x, p.y, q.x, q.y)
# > 1.0 2.0 1.5 2.0
var r = Ring(3)
let start = r
for k in 0..5 { push(var r, 10.0 * k) }
print(r.data, r.at, start.data, start.at, r.N)
# > [30.0, 40.0, 20.0] 5 [0.0, 0.0, 0.0] 0 3
r.data[1:] = 7
print(r.data)
# > [30.0, 7.0, 7.0]
