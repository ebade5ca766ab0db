fn total(x: float32[N]) -> f32 = 0 # error[E0201]: type 'float32' is not declared
