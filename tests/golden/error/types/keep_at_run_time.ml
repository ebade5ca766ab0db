fn f(x: f32[M, N], k: bool) -> f32[M, 1] = sum(x, axis: 1, keep: k) # error[E0213]: 'keep' is true or false
