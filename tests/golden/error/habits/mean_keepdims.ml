## The same in the words of NumPy.
fn f(x: f32[B, D]) -> f32[B, D] = x - mean(x, axis: -1, keepdims: true)
