fn f(x: f32[N], len: i32[B]) -> f32 where B >= 1 = sum(x[: len[0]]) # error[E0306]: this size depends on what the function computes
