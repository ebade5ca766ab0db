fn f(x: f32[N]) -> f32 = x[0, 0] # error[E0304]: 2 subscripts of a tensor with 1 ax
