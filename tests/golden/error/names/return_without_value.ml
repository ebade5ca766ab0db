fn f(x: f32) -> f32 {
    if x > 0 { return } # error[E0208]: 'f' gives f32, but no value stands here
    x
}
