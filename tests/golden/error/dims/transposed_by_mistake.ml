fn split(x: f32[B, T, H, K]) -> f32[B, H, T, K] = permute(x, 0, 1, 2, 3) # error[E0203]: f32[B, T, H, K]
