## A block stands in braces, not behind a colon.
fn f(x: f32[N]) -> f32 {
    if N > 3:
        return 1.0
    0.0
}
