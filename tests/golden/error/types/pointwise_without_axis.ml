fn f(x: f32[M, N]) -> f32[M, N] = softmax(x) # error[E0205]: needs an axis
