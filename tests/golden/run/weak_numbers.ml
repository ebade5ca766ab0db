## A literal takes the type that it meets.
fn half(x: f16) -> f16 = 0.5 * x + 1
fn next(n: i8) -> i8 = n + 1
fn double(x: f64) -> f64 = x / 3
print(half(3.0), next(4), double(1) * 3 == 1.0)
# > 2.5 5 true
fn widened(a: f32, b: f64) -> f64 = a + b
fn mixed(n: i32, x: f32) -> f32 = n * x
fn steps(n: i32[N]) -> f32[N] = n / 2
print(widened(0.5, 0.25), mixed(3, 1.5), steps(i32([1, 2, 3])))
# > 0.75 4.5 [0.5, 1.0, 1.5]
