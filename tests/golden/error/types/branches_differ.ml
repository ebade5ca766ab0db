fn f(x: f32) -> f32 = if x > 0 { x } else { false } # error[E0206]: the branches of this 'if' are f32 and bool
