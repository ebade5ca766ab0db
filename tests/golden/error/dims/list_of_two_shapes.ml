fn f(x: f32[M], y: f32[N]) -> f32[2, M] = [x, y] # error[E0206]: the elements of a list differ: f32[M] and f32[N]
