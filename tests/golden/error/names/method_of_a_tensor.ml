fn f(x: f32[M, N]) -> f32 = x.mean() # error[E0210]: f32[M, N] has no member 'mean'
