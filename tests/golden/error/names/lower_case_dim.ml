fn total(x: f32[n]) -> f32 = sum(x) # error[E0201]: 'n' is not declared
