## A matrix product, both operands inputs: nothing is packed ahead.
export fn matmul(a: f32[M, K], b: f32[K, N]) -> f32[M, N] = a @ b
