fn product(x: f32[M, K], y: f32[K, N]) -> f32[M, N] = torch.matmul(x, y) # error[E0201]: 'torch' is not declared
