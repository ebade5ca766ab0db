## `.T` is of two axes.
fn f(x: f32[B, T, D], y: f32[B, S, D]) -> f32[B, T, S] = x @ y.T
