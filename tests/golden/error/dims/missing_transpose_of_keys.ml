fn scores(q: f32[T, D], k: f32[S, D]) -> f32[T, S] = q @ k / sqrt(D) # error[E0203]: inner sizes D and S differ
