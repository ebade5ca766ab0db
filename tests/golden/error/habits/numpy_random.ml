## There is no hidden random state.
fn f(x: f32[N]) -> f32[N] = x + randn(N)
