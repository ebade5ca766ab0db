# A `var` whose new value is made from the old one and then changed: in place where each element needs its own alone, and not where others are read.
fn marked(var x: f32[N, D]) {
    x = x * 2
    x[0, 0] = 1
}
fn filled(var x: f32[N], g: f32[N], n: int) where n <= N {
    x = 0.5 * x + g
    for i in 0..n { x[i] = x[i] + f32(i) }
}
fn swapped(var x: f32[N], var y: f32[N]) {
    let t = x
    x = y * 2
    x[0] = 7
    y = t + 1
}
fn rolled(var x: f32[N]) where N >= 1 {
    let t[i: N] = x[(i + 1) % N] * 2
    x = t
    x[0] = 3
}
fn folded(var x: f32[N, M]) where N >= 1, M >= 1 {
    var y = reshape(x * 2, M, N)
    y[0, 0] = 3
    x = reshape(y, N, M)
}
var x = [[1.0, 2.0], [3.0, 4.0]]
marked(var x)
var a = [1.0, 2.0, 3.0]
filled(var a, [1.0, 1.0, 1.0], 2)
var b = [5.0, 6.0, 7.0]
swapped(var a, var b)
var c = [1.0, 2.0, 3.0]
rolled(var c)
folded(var x)
print(x, a, b, c)
# > [[3.0, 8.0],
# >  [12.0, 16.0]] [7.0, 12.0, 14.0] [2.5, 4.0, 3.5] [3.0, 6.0, 2.0]
