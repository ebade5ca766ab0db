## What a variable becomes may read other elements of what it was: these are read before they are written.
fn pairs(x: f32[N]) -> f32[N] { out[i] = x[i] + (x[i - 1] ?? 0) }
fn replaced(var x: f32[N]) {
    let y[i: N] = x[i] + (x[i - 1] ?? 0)
    x = y
}
fn called(var x: f32[N]) { x = pairs(x) }
fn own(var x: f32[N]) { x = 2 * x }
fn life(x: bool[H, W]) -> bool[H, W] {
    let n[y: H, k: W] = count[dy: 3, dx: 3 | (dy != 1 or dx != 1) and (x[y + dy - 1, k + dx - 1] ?? false)](true)
    out[y, k] = n[y, k] == 3 or (x[y, k] and n[y, k] == 2)
}
var v = [1.0, 2.0, 3.0, 4.0]
v = pairs(v)
print(v)
# > [1.0, 3.0, 5.0, 7.0]
replaced(var v)
print(v)
# > [1.0, 4.0, 8.0, 12.0]
called(var v)
own(var v)
print(v)
# > [2.0, 10.0, 24.0, 40.0]
var world: bool[3, 3] = false
world[1] = [true, true, true]
world = life(world)
print(world)
# > [[false, true, false],
# >  [false, true, false],
# >  [false, true, false]]
var table = [[1.0, 2.0], [3.0, 4.0]]
table = table.T @ table
table = table.T - table[1]
print(table)
# > [[-4.0, -6.0],
# >  [0.0, 0.0]]
