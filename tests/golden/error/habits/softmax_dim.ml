## The axis is called axis.
fn f(s: f32[T, S]) -> f32[T, S] = softmax(s, dim: -1)
