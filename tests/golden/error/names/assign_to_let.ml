fn f(x: f32) -> f32 {
    let y = x
    y = y * 2 # error[E0209]: 'y' is not a 'var'
    y
}
