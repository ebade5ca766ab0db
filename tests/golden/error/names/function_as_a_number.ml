fn f(x: f32) -> f32 = exp * x # error[E0204]: '*' of a function and f32
