fn f(x: f32[M, N], k: int) -> f32[M] = sum(x, axis: k) # error[E0213]: an axis is a number
