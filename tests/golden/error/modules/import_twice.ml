import lib.parts: shown # error[E0202]: 'shown' is already declared
fn shown(x: f32) -> f32 = x
