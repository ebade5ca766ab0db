op expsum[j](x: float) -> float = sum[j](exp(x))
fn f(x: f32[N], mask: bool[N]) -> f32 = expsum[i](mask[i]) + sum(x) # error[E0206]: bool
