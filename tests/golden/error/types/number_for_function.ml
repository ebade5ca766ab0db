fn twice(g: fn(f32) -> f32, x: f32) -> f32 = g(g(x))
fn f(x: f32) -> f32 = twice(x, x) # error[E0206]: function
