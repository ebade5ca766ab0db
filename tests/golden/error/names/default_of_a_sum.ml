fn f(x: f32[N]) -> f32 = (sum(x) ?? 0) # error[E0207]: left of '??'
