fn f() -> f32[3] = zeros(2.5) # error[E0206]: real where a whole number is needed
