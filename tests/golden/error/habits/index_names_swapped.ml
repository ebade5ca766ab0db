## A transpose whose right side has the axes of the left.
fn f(x: f32[B, T, D]) -> f32[B, D, T] {
    out[b, t, d] = x[b, t, d]
}
