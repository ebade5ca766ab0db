fn norms(x: f32[B, T, D]) -> f32[B, T] = sqrt(sum(x ^ 2, axis: -1))
fn f(x: f32[T, D]) -> f32[1, T] = norms(x) # error[E0206]: f32[T, D]
