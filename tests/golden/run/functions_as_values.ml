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

# Builtin functions of numbers, casts and operators are values, too.
fn fold2(g: fn(f32, f32) -> f32, x: f32[N], s: f32) -> f32 {
    var y = s
    for i in 0..N { y = g(y, x[i]) }
    y
}
fn each(g: fn(f32) -> f32, x: f32[N]) -> f32[N] {
    out[n] = g(x[n])
}
fn pick(g: fn(f32, f32, f32) -> f32, x: f32[N]) -> f32[N] {
    out[n] = g(x[n], 0.5, 1.5)
}
fn rows(g: fn(f32[N]) -> f32, x: f32[M, N]) -> f32[M] {
    out[m] = g(x[m])
}
fn whole(g: fn(f32[N]) -> f32, x: f32[N]) -> f32 = g(x)
op smooth[j](x: float) -> float = log(sum[j](exp(x)))
print(fold2(max, [1.0, 3.0, 2.0], 0), fold2(min, [1.0, 3.0, 2.0], 0), fold2(atan2, [1.0, 3.0, 2.0], 0))
print(each(exp, [0.0]), each(relu, [1.0, -3.0]), each(abs, [1.0, -3.0]), each(floor, [1.5]), each(f32, [2.0]), pick(clip, [0.0, 1.0, 2.0]))
# > 3.0 0.0 0.0
# > [1.0] [1.0, 0.0] [1.0, 3.0] [1.0] [2.0] [0.5, 1.0, 1.5]
print(whole(sum, [0.0, 1.0, 2.0]), whole(max, [0.0, 1.0, 2.0]), whole(mean, [0.0, 1.0, 2.0]), whole(norm, [3.0, 4.0]), whole(smooth, [0.0, 0.0]))
# > 3.0 2.0 1.0 5.0 0.6931
let larger = max
print(rows(sum, [[0.0, 1.0, 2.0]]), larger(1, 2), larger([1.0, 3.0], 2))
# > [3.0] 2 [2.0, 3.0]
