fn f(x: f32[4]) -> f32[3] = x[2:5] # error: 5
