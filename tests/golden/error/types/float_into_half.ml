fn f(x: f32) -> f16 = x # error[E0206]: the result is f32, but f16 is needed
