fn average(x: f32[N]) -> f32 = sum(x) / M # error[E0201]: 'M' is not declared
