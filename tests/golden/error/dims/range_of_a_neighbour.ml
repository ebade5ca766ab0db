fn steps(x: f32[N]) -> f32 = sum[i](x[i + 1] - x[i - 1]) # error[E0301]: the range of i is not determined
