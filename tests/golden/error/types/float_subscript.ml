fn f(x: f32[N], at: f32) -> f32 = x[at] # error[E0206]: a subscript is a whole number, not f32
