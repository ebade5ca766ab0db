fn f(x: f32[A, B, C]) -> f32[A, B, C] = x[.., ..] # error[E0304]: '..' stands once
