fn f(x: f32[N]) -> f32[N] = zeros(N // 0) # error[E0305]: division by zero
