# An exported function is called from outside of the file: what it needs and is not there yet is an error of the file.
fn loss(w: f32[N]) -> f32 = sum(w * w)
export fn good(w: f32[N]) -> f32 = loss(w)
export fn gradient(w: f32[N]) -> f32[N] = grad[w](loss(w)) # error[E0502]: derivatives
fn unused(w: f32[N]) -> f32[N] = grad[w](loss(w))
