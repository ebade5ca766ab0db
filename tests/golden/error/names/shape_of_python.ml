fn f(x: f32[M, N]) -> int = x.shape # error[E0210]: f32[M, N] has no member 'shape'
