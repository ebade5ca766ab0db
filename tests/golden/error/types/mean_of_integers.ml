fn f(x: i32[N]) -> f32 = mean(x) # error[E0206]: i32
