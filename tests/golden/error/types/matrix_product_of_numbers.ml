fn f(a: f32[N, N], s: f32) -> f32[N, N] = a @ s # error[E0203]: '@' of f32[N, N] and f32
