fn total(w: f32[N]) -> f32 = sum(w)
fn f(mask: bool[N]) -> f32 = total(mask) # error[E0206]: bool[N]
