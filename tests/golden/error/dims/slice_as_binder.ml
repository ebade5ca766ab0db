fn f(x: f32[N]) -> f32 = sum[0:3](x[0]) # error[E0307]: an index is a name
