## f16 and f32 give f32, which does not narrow by itself.
fn f(x: f16[N], y: f32[N]) -> f16[N] = x + y
