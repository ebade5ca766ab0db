fn scale(x, s: f32) -> f32 = x * s # error[E0205]: parameter 'x' has no type
