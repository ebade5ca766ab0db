fn f(x: f32[N]) -> f32[N] { out[i] = x[i] > 0 ? x[i] : 0 }
