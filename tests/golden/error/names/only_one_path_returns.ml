fn sign(x: f32) -> f32 {
    if x > 0 { return 1 } # error[E0208]: 'sign' gives f32, but no value stands here
}
