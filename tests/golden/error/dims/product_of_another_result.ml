fn f(x: f32[M, K], y: f32[K, N]) -> f32[N, M] = x @ y # error[E0203]: f32[M, N]
