fn f(x: f32) -> i32 = x # error[E0206]: the result is f32, but i32 is needed
