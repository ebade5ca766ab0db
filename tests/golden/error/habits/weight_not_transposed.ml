## A weight [Out, In] is multiplied from the right.
fn f(x: f32[B, In], w: f32[Out, In]) -> f32[B, Out] = x @ w
