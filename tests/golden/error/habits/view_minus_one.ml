## There is no -1 for the rest.
fn f(x: f32[B, T, D]) -> f32[B, T * D] = reshape(x, B, -1)
