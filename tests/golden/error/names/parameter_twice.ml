fn f(x: f32, x: f32) -> f32 = x # error[E0202]: 'x' is already declared
