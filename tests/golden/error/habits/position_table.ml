## A table of positions is read as if it had the width of the batch.
fn f(x: f32[B, T, D], position: f32[P, D]) -> f32[B, T, D] where T <= P {
    out[b, t, d] = x[b, t, d] + position[d, t]
}
