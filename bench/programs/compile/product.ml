## A matrix product and an activation.
export fn run(x: f32[M, K], w: f32[K, N]) -> f32[M, N] = gelu(x @ w)
