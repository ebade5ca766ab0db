fn f(x: f32) -> f32 {
    var n = 0
    let y = if x > 0 { x } else { n += 1 } # error[E0208]: one branch of this 'if' has a value
    y + n
}
