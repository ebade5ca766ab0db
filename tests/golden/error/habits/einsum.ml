## The equation is the language, not a string.
fn f(x: f32[N, D], y: f32[M, D]) -> f32[N, M] = einsum("nd,md->nm", x, y)
