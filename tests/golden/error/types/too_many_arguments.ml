fn half(x: f32) -> f32 = x / 2
fn f(x: f32) -> f32 = half(x, 2) # error[E0205]: argument
