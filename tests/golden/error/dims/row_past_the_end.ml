fn f(x: f32[3, N]) -> f32[N] = x[3] # error[E0303]: subscript 3 is outside an axis of size 3
