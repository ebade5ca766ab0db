fn centre(x: f32[B, N]) -> f32[B, N] = x - mean(x, axis: -1) # error[E0203]: sizes N and B differ
