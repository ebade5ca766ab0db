## [B] and [B, 1] do not spread to [B, B].
fn mse(pred: f32[B], target: f32[B, 1]) -> f32 = mean((pred - target) ^ 2)
