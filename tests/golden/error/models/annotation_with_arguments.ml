@fast(3) # error[E0404]: '@fast' takes no arguments
fn f(x: f32) -> f32 = x
