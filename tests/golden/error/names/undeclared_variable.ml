fn total(x: f32[N]) -> f32 = sum(y) # error[E0201]: 'y' is not declared
