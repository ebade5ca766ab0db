## No axis is added by None.
fn f(x: f32[B, D], w: f32[B]) -> f32[B, D] = x * w[:, None]
