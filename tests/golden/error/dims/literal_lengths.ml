fn f(x: f32[3], y: f32[4]) -> f32[3] = x * y # error[E0203]: sizes 3 and 4 differ
