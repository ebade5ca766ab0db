fn second(x: f32[N]) -> f32 where N >= 2 = x[1]
fn f(x: f32[1]) -> f32 = second(x) # error[E0309]: cannot hold
