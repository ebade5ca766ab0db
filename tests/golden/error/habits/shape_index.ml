## Sizes are names.
fn f(x: f32[N, D]) -> f32 = sum(x) / x.shape[0]
