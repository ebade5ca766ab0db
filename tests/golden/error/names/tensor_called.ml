fn f(x: f32[N]) -> f32 = x(3) # error[E0207]: f32[N] cannot be called
