struct Pair { first: f32; second: f32 }
fn f(p: Pair) -> f32 = p.frist # error[E0210]: Pair has no member 'frist'
