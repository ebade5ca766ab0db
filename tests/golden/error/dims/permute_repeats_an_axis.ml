fn f(x: f32[A, B, C]) -> f32[A, B, C] = permute(x, 0, 1, 1) # error[E0205]: axis 1 is given twice
