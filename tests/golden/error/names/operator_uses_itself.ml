op total[j](x: float) -> float = total[j](x) + 1 # error[E0212]: operator 'total' uses itself
fn f(x: f32[N]) -> f32 = total[i](x[i])
