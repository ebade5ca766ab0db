## There are no methods; a choice or a guard masks.
fn f(s: f32[T, T], m: bool[T, T]) -> f32[T, T] = s.masked_fill(m, -inf)
