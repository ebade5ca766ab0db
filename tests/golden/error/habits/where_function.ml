## `where` states conditions; a choice is an `if`.
fn f(s: f32[T, T], m: bool[T, T]) -> f32[T, T] = where(m, s, -inf)
