## Elements of a `let` are changed.
fn f(x: f32[B, T]) -> f32[B, T] {
    let y = x * 2
    y[:, 0] = 0
    y
}
