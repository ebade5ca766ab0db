fn f(x: f32[N]) -> f32[N] where N >= 1 = x[1:] # error[E0203]: sizes
