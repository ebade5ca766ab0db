fn f(x: f32) -> f32 {
    let (a, b, c) = (x, 2 * x) # error[E0206]: 2
    a + b + c
}
