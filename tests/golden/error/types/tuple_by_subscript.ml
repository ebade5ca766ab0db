## A number that is written takes a part of a tuple; one that is computed cannot.
fn pair(x: f32) -> (f32, f32) = (x, 2 * x)
fn f(x: f32, i: int) -> f32 = pair(x)[i] # error[E0206]: let (a, b) = ..
