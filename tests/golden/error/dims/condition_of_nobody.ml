fn f(x: f32[N]) -> f32 where N < 0 = sum(x) # error[E0309]: cannot hold
