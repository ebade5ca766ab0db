## A function without a name is fn(x) = e.
fn f(x: f32[N]) -> f32[N] {
    let g = lambda y: y + 1
    g(x)
}
