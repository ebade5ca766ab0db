## There is no -1 that means "the rest": the size is written.
fn flatten(x: f32[B, T, D]) -> f32[B, T * D] = reshape(x, B, -1) # error: -1
