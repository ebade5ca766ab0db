fn f(x: f32) -> f32 = x
fn f(x: f64) -> f64 = x # error[E0202]: 'f' is already declared
