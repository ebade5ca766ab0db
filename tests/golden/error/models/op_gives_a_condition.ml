op first[j](x: float) -> float = any[j](x > 0) # error[E0403]: the value of operator 'first' is bool, but float is declared
fn f(x: f32[N]) -> f32 = first[i](x[i])
