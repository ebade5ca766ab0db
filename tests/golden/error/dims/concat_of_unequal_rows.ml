fn f(x: f32[M, D], y: f32[N, D]) -> f32[M, D + D] = concat(x, y, axis: -1) # error[E0203]: differ
