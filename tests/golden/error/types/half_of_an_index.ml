## `/` is exact; half of an index is `//`.
fn f(x: f32[N], i: i32) -> f32 = x[i / 2] # error[E0206]: a subscript is a whole number
