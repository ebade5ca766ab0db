fn swap(x: f32[B, T, D]) -> f32[B, D, T] = x.T # error[E0203]: two axes
