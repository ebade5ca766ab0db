fn f(x: f32[A, B, C]) -> f32[A, C, B] = permute(x, 0, 2) # error: permute
