fn f(x: f32[N]) -> f32[N] = if x > 0 { x } else { 0 }
