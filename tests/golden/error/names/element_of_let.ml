fn f() -> f32[3] {
    let y = zeros(3)
    y[1] = 1 # error[E0209]: 'y' is not a 'var'
    y
}
