## A choice between functions that is known when the program is compiled is a function.
fn double(x: f32) -> f32 = 2 * x
fn half(x: f32) -> f32 = x / 2
fn each(f: fn, x: f32[N]) -> f32[N] { out[i] = f(x[i]) }
fn twice(f: fn, x: f32[N]) -> f32[N] = each(f, each(f, x))
fn scaled[up: bool](x: f32[N]) -> f32[N] = twice(if up { double } else { half }, x)
print(scaled[true]([1.0, 2.0]), scaled[false]([1.0, 2.0]))
# > [4.0, 8.0] [0.25, 0.5]
