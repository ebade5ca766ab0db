fn f(x: f32[B, N], y: f32[B]) -> f32[B, N] = x + y # error[E0203]: sizes N and B differ
