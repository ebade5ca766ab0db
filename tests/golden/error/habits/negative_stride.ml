## A slice does not run backwards.
fn f(x: f32[N]) -> f32[N] = x[::-1]
