fn f(c: bool, x: f32) -> f32 {
    let g = if c { exp } else { log } # error[E0206]: cannot be chosen at run time
    g(x)
}
