## There is no `relu_`: a call changes nothing but what is marked with `var`.
fn f(x: f32[N]) -> f32[N] {
    relu(x) # error[E0208]: dropped
    x
}
