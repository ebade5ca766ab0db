fn twice(g: fn(f32) -> f32, x: f32) -> f32 = g(g(x))
fn integrate(g: fn(f32) -> f32, a: f32, b: f32; steps = 100) -> f32 {
    let h = (b - a) / steps
    h * sum[i: steps](g(a + (i + 0.5) * h))
}
fn square(x: f32) -> f32 = x * x
fn line(x: f32) -> f32 = 3 * x + 1
print(twice(square, 3), twice(line, 1))
# > 81.0 13.0
print(integrate(line, 0, 4), integrate(square, 0, 3))
# > 28.0 9.0
fn cubes(x: f32[N]) -> f32[N] {
    let cube = fn(y) = y * square(y)
    out[i] = cube(x[i]) + 1
}
print(cubes([1.0, 2.0]))
# > [2.0, 9.0]
