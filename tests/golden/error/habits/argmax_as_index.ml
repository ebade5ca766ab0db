## A tensor of places is no subscript: one place at a time has a named index.
fn f(x: f32[N, D], e: f32[D, K]) -> f32[N, K] = e[argmax(x, axis: -1)]
