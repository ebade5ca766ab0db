fn f(x: f32) -> f32 {
    let (a, b) = x # error[E0206]: f32
    a + b
}
