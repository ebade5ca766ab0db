fn f(x: f32[N], i: int) -> f32 = sum[i](x[i]) # error[E0202]: index 'i' hides a variable
