fn f(x: f32[M, N]) -> f32 = sum(x, axis: (0, 0)) # error[E0205]: axis 0 is given twice
