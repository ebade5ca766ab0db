fn clamp(x: f32[N]) -> f32[N] = if x > 0 { x } else { 0 * x } # error[E0206]: a condition is true or false, not bool[N]
