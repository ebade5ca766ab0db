fn f(x: f32[N]) -> f32[N] = x[::-1] # error[E0213]: the step of a slice
