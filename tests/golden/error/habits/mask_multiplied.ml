## A condition is no number.
fn f(x: f32[B, T], m: bool[B, T]) -> f32 = sum(x * m)
