fn f(x: f32[2, 6]) -> f32[3, 5] = reshape(x, 3, 5) # error: 15
