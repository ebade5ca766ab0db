## There are no methods, and no -1.
fn f(x: f32[B, T, D]) -> f32[B, T * D] = x.view(B, -1)
