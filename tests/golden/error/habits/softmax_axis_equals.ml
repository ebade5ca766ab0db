## A named argument has a colon.
fn f(s: f32[T, S]) -> f32[T, S] = softmax(s, axis=-1)
