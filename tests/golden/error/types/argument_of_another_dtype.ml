fn total(x: f32[N]) -> f32 = sum(x)
fn f(x: f64[N]) -> f32 = total(x) # error[E0206]: f64[N]
