## A `let` keeps its value.
fn f(x: f32[N]) -> f32[N] {
    let y = x
    y = y + 1
    y
}
