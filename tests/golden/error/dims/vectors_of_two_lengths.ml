fn f(x: f32[M], y: f32[N]) -> f32[M] = x + y # error[E0203]: sizes M and N differ
