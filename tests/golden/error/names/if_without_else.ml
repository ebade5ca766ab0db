fn relu1(x: f32) -> f32 {
    let y = if x > 0 { x } # error[E0208]: an 'if' without 'else' has no value
    y
}
