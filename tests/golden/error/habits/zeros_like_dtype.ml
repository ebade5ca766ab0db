## A comma at the end of a tuple.
fn f(x: f32[N]) -> f32[N] = x + zeros((N,), dtype: f32)
