fn loss(w: f32[N]) -> f32 = sum(w * w)
fn gradient(w: f32[N]) -> f32[N] = grad[w](loss(w)) # error[E0502]: derivatives
export fn step(w: f32[N]) -> f32[N] = w - gradient(w)
