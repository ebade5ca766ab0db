fn fill(var x: f32[N]) { x = zeros(N) }
fn f(x: f32[N]) -> f32[N] {
    var y = x
    let z = fill(var y) # error[E0208]: 'z' gets no value
    y + z
}
