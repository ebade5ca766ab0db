## The axis is kept by `keep: true`.
fn f(x: f32[B, D]) -> f32[B, D] = x - mean(x, axis: -1, keepdim: true)
