fn linear(x: f32[In], w: f32[Out, In], b: f32[Out]) -> f32[Out] = w @ x + b
fn f(x: f32[N], w: f32[M, N]) -> f32[M] = linear(x, w) # error[E0205]: 'b' of 'linear' is not given
