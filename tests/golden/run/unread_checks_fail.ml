## A condition of an element that nobody reads must hold, too.
# status: 1
# stderr: no root of a negative number
fn root(x: f32) -> f32 { check(x >= 0, "no root of a negative number"); sqrt(x) }
fn first(x: f32[N]) -> f32 where N >= 1 {
    let y[i] = root(x[i])
    y[0]
}
print(first([4.0, 2.0]))
print(first([4.0, -2.0]))
# > 2.0
