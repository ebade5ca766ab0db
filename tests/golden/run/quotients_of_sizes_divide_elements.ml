## A quotient of sizes is a whole number for `//` and `%` of elements, too.
fn a(y: i64[N], w: f32[V], x: f32[C]) -> i64[N] where C >= 1, V % C == 0, V >= C { out[n] = y[n] // (V / C) }
fn b(y: i32[N], w: f32[V], x: f32[C]) -> i32[N] where C >= 1, V % C == 0, V >= C { out[n] = y[n] % (V / C) }
fn c(y: f32[N], w: f32[V], x: f32[C]) -> f32[N] where C >= 1 { out[n] = y[n] // (V / C) }
print(a(i64([16777217, 7]), [1.0, 2.0, 3.0, 4.0], [1.0, 2.0]), b(i32([16777217, 7]), [1.0, 2.0, 3.0, 4.0], [1.0, 2.0]), c([5.0, 2.5], [1.0, 2.0, 3.0], [1.0, 2.0]))
# > [8388608, 3] [1, 1] [3.0, 1.0]
