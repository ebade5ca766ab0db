fn scale(x: f32; factor = 1.0) -> f32 = x * factor
fn f(x: f32) -> f32 = scale(x, 2.0) # error[E0205]: argument
