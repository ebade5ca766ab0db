fn size() -> int = 3
fn f(x: size) -> f32 = 0 # error[E0207]: 'size' is not a type
