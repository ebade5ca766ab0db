fn attend(q: f32[B, D], k: f32[B, D]) -> f32[B] = sum(q * k, axis: -1)
fn f(q: f32[M, D], k: f32[N, D]) -> f32[M] = attend(q, k) # error[E0203]: sizes
