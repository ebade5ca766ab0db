## A lookup of one element for each row has a named index.
fn f(x: f32[B, V], t: i32[B]) -> f32[B] = x[:, t]
