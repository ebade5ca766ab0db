## A mean over the last axis does not spread over it by itself.
fn f(x: f32[B, D]) -> f32[B, D] = x - mean(x, axis: -1)
