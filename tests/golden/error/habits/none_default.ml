## There is no None.
fn f(x: f32[N]; mask = None) -> f32[N] = x
