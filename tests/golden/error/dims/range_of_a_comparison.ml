fn f(x: f32[N]) -> f32 = sum[i, j | j <= i](x[i]) # error[E0301]: the range of j is not determined
