fn f(x: f32[A * B]) -> f32[A] = zeros(A) # error[E0305]: dim
