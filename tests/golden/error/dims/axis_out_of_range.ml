fn f(x: f32[M, N]) -> f32[M] = sum(x, axis: 2) # error[E0303]: an axis is a number from -2 to 1
