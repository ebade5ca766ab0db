fn f(x: f32) -> f32 {
    let y = x * 2
    let y = y + 1 # error[E0202]: 'y' is already declared
    y
}
