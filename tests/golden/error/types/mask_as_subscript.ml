## What a mask picks has a length that depends on data: `compact[i | mask[i]](x[i])`.
fn f(x: f32[N], mask: bool[N]) -> f32[N] = x[mask] # error[E0206]: a subscript is a whole number, not bool[N]
