fn f(c: bool, x: f32[M], y: f32[N]) -> f32[M] = if c { x } else { y } # error[E0203]: the branches of this 'if' are f32[M] and f32[N]
