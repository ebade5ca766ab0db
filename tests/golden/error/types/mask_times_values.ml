fn masked(mask: bool[N], x: f32[N]) -> f32[N] = mask * x # error[E0204]: '*' of bool and f32
