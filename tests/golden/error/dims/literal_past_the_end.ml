fn third(x: f32[3]) -> f32 = x[3] # error[E0303]: subscript 3 is outside an axis of size 3
