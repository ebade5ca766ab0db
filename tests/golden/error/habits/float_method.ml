## A cast is a call, not a method.
fn f(x: i32[N]) -> f32[N] = x.float()
