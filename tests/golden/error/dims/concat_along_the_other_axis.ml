fn f(x: f32[M, D], y: f32[N, D]) -> f32[M, 2 * D] = concat(x, y, axis: 0) # error[E0203]: f32[M + N, D]
