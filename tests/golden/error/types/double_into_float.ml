fn f(x: f64[N]) -> f32[N] = x # error[E0206]: f64[N]
