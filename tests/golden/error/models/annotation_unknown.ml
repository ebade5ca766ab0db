@jit # error[E0404]: '@jit'
fn f(x: f32) -> f32 = x
