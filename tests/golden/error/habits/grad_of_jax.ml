fn loss(w: f32[D], x: f32[B, D]) -> f32 = sum(x @ w)
fn step(w: f32[D], x: f32[B, D]) -> f32[D] = w - 0.1 * grad(loss)(w, x)
