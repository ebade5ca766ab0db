fn swap(var a: f32, var b: f32) { (a, b) = (b, a) }
fn push(var x: f32[N], v: f32) -> f32 where N >= 1 {
    let last = x[N - 1]
    let old = x
    for i in 1..N { x[i] = old[i - 1] }
    x[0] = v
    last
}
fn twice(var x: f32[N], v: f32) -> f32 where N >= 1 = push(var x, v) + push(var x, v + 1)
var a: f32 = 1
var b: f32 = 2
swap(var a, var b)
print(a, b)
# > 2.0 1.0
var x = [1.0, 2.0, 3.0]
let gone = push(var x, 9)
print(gone, x)
# > 3.0 [9.0, 1.0, 2.0]
print(twice(var x, 5), x)
# > 3.0 [6.0, 5.0, 9.0]
