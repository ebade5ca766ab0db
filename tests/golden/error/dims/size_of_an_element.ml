fn f(len: i32[B]) -> f32 where B >= 1 = sum(ones(len[0])) # error[E0306]: this size depends on what the function computes
