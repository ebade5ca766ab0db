## A softmax needs its axis.
fn f(s: f32[T, S]) -> f32[T, S] = softmax(s)
