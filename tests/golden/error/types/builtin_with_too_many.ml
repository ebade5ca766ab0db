fn f(x: f32, y: f32) -> f32 = exp(x, y) # error[E0205]: 'exp'
