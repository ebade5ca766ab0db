## Elements of a `var` are assigned; there is no `.at[].set()`.
fn f(x: f32[T]) -> f32[T] = x.at[0].set(1.0)
