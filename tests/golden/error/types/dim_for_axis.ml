## PyTorch says `dim`, this language `axis`.
fn f(x: f32[M, N]) -> f32[M] = sum(x, dim: 1) # error[E0205]: operator 'sum' takes no argument 'dim'
