fn f(x: f32) -> f32 = x[0] # error[E0206]: f32 has no axes to index
