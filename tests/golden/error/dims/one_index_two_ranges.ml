fn dot(x: f32[M], y: f32[N]) -> f32 = sum[i](x[i] * y[i]) # error[E0302]: dims M and N differ
