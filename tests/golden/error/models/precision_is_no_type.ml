@precision(compute: half) # error[E0404]: types of floats
fn f(x: f32) -> f32 = x
