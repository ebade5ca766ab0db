## The batches of a product differ.
fn f(x: f32[B, T, D], y: f32[C, D, S]) -> f32[B, T, S] = x @ y
