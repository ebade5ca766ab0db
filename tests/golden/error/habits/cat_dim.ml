## The axis of `concat` is called axis.
fn f(x: f32[N, D], y: f32[N, D]) -> f32[N, 2 * D] = concat(x, y, dim: -1)
