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
## A declared element type holds for an equation of numbers without one.
fn tenth(n: int) -> f64[n] {
    let x[i: n]: f64 = 1 / (9 + i)
    x
}
print(tenth(2)[1] - 0.1 > -1e-17, tenth(2)[1] - 0.1 < 1e-17)
# > true true
