## There is no hidden random state, so no `dropout`.
fn f(x: f32[N]) -> f32[N] = dropout(x, 0.1)
