fn last(x: f32[N]) -> f32 = x[N] # error[E0303]: subscript N is outside an axis of size N
