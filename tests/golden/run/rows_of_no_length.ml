## A recurrence over an axis of no length, batched: a tensor without elements has strides of 0.
fn batch(x: f32[.., T]) -> f32[.., T] {
    rec y[.., t] = x[.., t] + 0.5 * (y[.., t - 1] ?? 0.0)
    y
}
print(batch(zeros(3, 0)), batch(zeros(0, 3)), batch(ones(2, 2)))
# > [[],
# >  [],
# >  []] [] [[1.0, 1.5],
# >  [1.0, 1.5]]
