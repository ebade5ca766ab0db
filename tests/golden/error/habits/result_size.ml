## The size of a result is not told by what is returned.
fn twice(x: f32[N]) -> f32[M] { out[i] = 2 * x[i] }
