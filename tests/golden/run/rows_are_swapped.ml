## A row that is put aside is written by a later update than the next one.
struct Cache(S, D) {
    k: f32[S, D] = 0
}
fn swap(var c: Cache(S, D)) where S >= 2 {
    let old = c.k[0]
    c.k[0] = c.k[1]
    c.k[1] = old
}
fn swapped(x: f32[S, D], i: int, j: int) -> f32[S, D] where 0 <= i, i < S, 0 <= j, j < S {
    var y = x
    let t = y[i]
    y[i] = y[j]
    y[j] = t
    y
}
fn turned(x: f32[S, D]) -> f32[S, D] where S >= 3 {
    var y = x
    let a = y[0]
    let b = 10 * y[1]
    y[0] = y[2]
    y[2] = b
    y[1] = a
    y
}
var c = Cache(2, 2)
c.k[1] = [1.0, 2.0]
swap(var c)
print(c.k)
# > [[1.0, 2.0],
# >  [0.0, 0.0]]
print(swapped([[1.0, 2.0], [3.0, 4.0]], 0, 1), turned([[1.0], [2.0], [3.0]]))
# > [[3.0, 4.0],
# >  [1.0, 2.0]] [[3.0],
# >  [1.0],
# >  [20.0]]
