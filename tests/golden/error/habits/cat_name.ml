## `cat` is called `concat`.
fn f(x: f32[N, D], y: f32[N, D]) -> f32[N, 2 * D] = cat(x, y, axis: 1)
