fn f(x: f32[N]) -> f32 = sum[i | x[i]](x[i]) # error[E0206]: a condition is true or false, not f32
