## New values of variables take the memory of the old ones behind their last reader: a step that needs an old moment, two that read each other, rows
## and neighbours, a loop of steps, and the parts of a model one after the other.
fn lion(var w: f32[N], var m: f32[N], g: f32[N]) {
    let u = sign(0.9 * m + 0.1 * g)
    m = 0.5 * m + 0.25 * g
    w = w - 0.5 * u
}
fn exchanged(var a: f32[N], var b: f32[N]) {
    let old = a
    a = 0.5 * b + 1
    b = 2 * old
}
fn shifted(var a: f32[N], var b: f32[N]) {
    let old = a
    let n[i] = b[i] + (old[i - 1] ?? 0)
    a = 10 * n
    b = old + n
}
fn turns(x: f32[N], steps: int) -> (f32[N], f32[N]) {
    var w = x
    var m = x * 0
    for _i in 0..steps {
        let u = m + w
        m = 0.5 * m + w
        w = w + 0.25 * u
    }
    (w, m)
}
fn rows(var a: f32[T, N], b: f32[T, N]) -> f32[T, N] {
    let s = a + b
    let m[t] = max[n](s[t, n])
    a = 2 * s
    out[t, n] = s[t, n] - m[t] + a[T - 1 - t, n]
}
model Net(D) {
    param a: f32[D, 2] = 1
    param b: f32[2] = 0
    param c: f32[D] = 2
}
fn step(var net: Net(D), var m: Net(D), g: Net(D)) {
    m = 0.5 * m + g
    net = net - 0.25 * m
}

var w: f32[4] = [1.0, 2.0, 3.0, 4.0]
var m: f32[4] = [-1.0, 1.0, 0.0, 2.0]
lion(var w, var m, [2.0, -20.0, 0.0, 4.0])
print(w, m)
exchanged(var w, var m)
print(w, m)
shifted(var w, var m)
print(w, m)
print(turns([1.0, 2.0], 3))
var a: f32[3, 2] = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
print(rows(var a, [[1.0, 0.0], [0.0, 2.0], [0.5, 0.0]]), a)
var net = Net(3)
var moments = Net(3) * 0
for _i in 0..2 { step(var net, var moments, Net(3)) }
print(net.a, net.b, net.c)
# > [1.5, 2.5, 3.0, 3.5] [0.0, -4.5, 0.0, 2.0]
# > [1.0, -1.25, 1.0, 2.0] [3.0, 5.0, 6.0, 7.0]
# > [30.0, 60.0, 47.5, 80.0] [4.0, 4.75, 5.75, 10.0]
# > ([2.703, 5.406], [2.688, 5.375])
# > [[11.0, 12.0],
# >  [3.0, 12.0],
# >  [3.5, 4.0]] [[4.0, 4.0],
# >  [6.0, 12.0],
# >  [11.0, 12.0]]
# > [[0.375, 0.375],
# >  [0.375, 0.375],
# >  [0.375, 0.375]] [0.0, 0.0] [0.75, 0.75, 0.75]
