fn f(x: f32[N]) -> f32 = sum[i](x[i]) + x[i] # error[E0201]: 'i' is not declared
