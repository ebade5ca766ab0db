fn f(x: f32[3]) -> f32 = x[-4] # error[E0303]: -4
