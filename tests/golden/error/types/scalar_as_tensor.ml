fn f(x: f32[N]) -> f32[N] = sum(x) # error[E0206]: f32, but f32[N] is needed
