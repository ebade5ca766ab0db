## The axis is given by name.
fn f(x: f32[N, D]) -> f32[N] = sum(x, 1)
