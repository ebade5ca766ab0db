## A vector over the rows does not spread over the columns by itself.
fn f(x: f32[B, D], bias: f32[B]) -> f32[B, D] = x + bias
