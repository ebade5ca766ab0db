fn f(x: f32[N]) -> f32 {
    N = 3 # error[E0209]: 'N' is not a 'var'
    sum(x)
}
