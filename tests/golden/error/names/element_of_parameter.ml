fn f(x: f32[N]) -> f32[N] where N >= 1 {
    x[0] = 1 # error[E0209]: 'x' is not a 'var'
    x
}
