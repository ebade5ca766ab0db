export fn apply(g: fn(f32) -> f32, x: f32) -> f32 = g(x) # error[E0401]: no static or function parameters
