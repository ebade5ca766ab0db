## A number of heads that nothing tells.
fn heads(x: f32[B, T, H * K]) -> f32[B, H, T, K] = reshape(x, B, T, H, K)
