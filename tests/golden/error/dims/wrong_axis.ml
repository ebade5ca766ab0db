fn norm_rows(x: f32[M, N]) -> f32[M] = sum(x ^ 2, axis: 0) # error[E0203]: f32[N]
