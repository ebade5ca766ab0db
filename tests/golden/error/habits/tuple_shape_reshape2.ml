## Sizes are given one by one.
fn f(x: f32[N * D]; D = 4) -> f32[N, D] = reshape(x, (N, D))
