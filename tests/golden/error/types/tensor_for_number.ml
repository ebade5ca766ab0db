fn scale(x: f32[N], s: f32) -> f32[N] = x * s
fn f(x: f32[N], s: f32[N]) -> f32[N] = scale(x, s) # error[E0206]: 's' of 'scale' is f32, but f32[N] is given
