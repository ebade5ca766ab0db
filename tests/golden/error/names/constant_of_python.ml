fn positive(x: f32) -> bool = if x > 0 { True } else { false } # error[E0201]: 'True' is not declared
