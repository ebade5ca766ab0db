fn f(x: f32[N]) -> f32[N] = x if N > 3 else x * 2       # error[E0101]: expected a new line after 'x', found 'if'
