## There are no methods.
fn f(x: f32[B, T, D]) -> f32[B, D, T] = x.transpose(1, 2)
