fn f(x: f32) -> f32 {
    x = x * 2 # error[E0209]: 'x' is not a 'var'
    x
}
