## Joined along the batch instead of the features.
fn f(x: f32[N, D], y: f32[N, D]) -> f32[N, 2 * D] = concat(x, y, axis: 0)
