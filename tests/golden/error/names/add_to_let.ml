fn total(x: f32[N]) -> f32 {
    let s = 0.0
    for i in 0..N { s += x[i] } # error[E0209]: 's' is not a 'var'
    s
}
