import std.nn: Linear, Dense                    # warning[W0001]: the import 'Dense' is never used

fn f(x: f32[T, D], scale: f32) -> f32[T, D] {   # warning[W0001]: the parameter 'scale' is never used
    let twice = x + x                           # warning[W0001]: the variable 'twice' is never used
    let half[t, d] = x[t, d] / 2                # warning[W0001]: the variable 'half' is never used
    var n = 0                                   # warning[W0001]: 'n' is set, but nothing reads it
    for i in 0..3 { n += 1 }                    # warning[W0001]: the loop variable 'i' is never used
    let (a, b) = (x, 1.0)                       # warning[W0001]: the variable 'b' is never used
    a
}

model Net(D) {
    first = Linear(D, D)
    fn call(x: f32[.., D], layer: int) -> f32[.., D] = first(x)  # warning[W0001]: the parameter 'layer' is never used
}

## A recurrence that only reads itself is as unused as any other name.
fn g(x: f32[T]) -> f32[T] {
    rec h[t: T] = 0.5 * (h[t - 1] ?? 0.0) + x[t]     # warning[W0001]: the variable 'h' is never used
    x
}
