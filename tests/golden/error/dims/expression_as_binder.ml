fn f(x: f32[N]) -> f32 = sum[i + 1](x[i]) # error[E0307]: an index is a name
