## An element that nobody reads is computed all the same: what fails in it is a failure.
# status: 1
# stderr: subscript 7 is outside an axis of size 3
fn first(x: f32[3], at: i64[N]) -> f32 {
    let y[i] = x[at[i]]
    y[0]
}
print(first([1.0, 2.0, 3.0], [2, 1]))
print(first([1.0, 2.0, 3.0], [2, 1, 7]))
# > 3.0
