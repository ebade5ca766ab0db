# status: 1
# stderr: error[E0502]: derivatives
fn loss(w: f32[N]) -> f32 = sum(w ^ 2)
fn slope(w: f32[N]) -> (f32, f32[N]) = value_and_grad[w](loss(w))
print(loss([1.0, 2.0]))
# > 5.0
print(slope([1.0, 2.0]))
