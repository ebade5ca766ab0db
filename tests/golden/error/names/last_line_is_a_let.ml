fn f(x: f32) -> f32 {
    let y = x * 2 # error[E0208]: 'f' gives f32, but no value stands here
}
