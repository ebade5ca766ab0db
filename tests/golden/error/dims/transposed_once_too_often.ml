fn linear(x: f32[B, In], weight: f32[In, Out]) -> f32[B, Out] = x @ weight.T # error[E0203]: inner sizes In and Out differ
