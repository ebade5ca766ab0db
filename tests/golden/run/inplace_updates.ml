# `@inplace`: what changes a tensor where it is, and says so.
@inplace
fn push(var x: f32[N], y: f32) -> f32 where N >= 1 {
    let old = x[0]
    x[0] = y
    old
}

var x = [1.0, 2.0, 3.0]
let old = push(var x, 7)
print(old)
print(x)
# > 1.0
# > [7.0, 2.0, 3.0]
