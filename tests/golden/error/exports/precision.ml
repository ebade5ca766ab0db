@precision(bf16) # error[E0501]: @precision
export fn product(x: f32[A, B], y: f32[B, C]) -> f32[A, C] = x @ y
