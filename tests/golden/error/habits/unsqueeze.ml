## An axis is named, not added.
fn f(x: f32[B, D], w: f32[B]) -> f32[B, D] = x * w.unsqueeze(1)
