## Integers with floats give floats, which are not cut by themselves.
fn f(x: i32[N], s: f32) -> i32[N] = x * s
