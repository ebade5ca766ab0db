fn f(x: f32[B], y: f32[B, 1]) -> f32[B, B] = x + y # error[E0203]: differ
