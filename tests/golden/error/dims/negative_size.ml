fn f(x: f32[3]) -> f32[3] = x + zeros(2 - 5) # error: -3
