## `concat` takes tensors, not a list of them.
fn f(x: f32[N, D], y: f32[N, D]) -> f32[N, 2 * D] = concat([x, y], axis: -1)
