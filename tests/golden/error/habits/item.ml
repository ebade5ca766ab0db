## A sum is a number already.
fn f(x: f32[N]) -> f32 = sum(x).item()
