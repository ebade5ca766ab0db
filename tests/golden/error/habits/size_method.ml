## Sizes are names.
fn f(x: f32[N, D]) -> f32 = x.size(0) * 1.0
