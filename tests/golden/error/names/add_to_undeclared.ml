fn total(x: f32[N]) -> f32 {
    for i in 0..N { s += x[i] } # error[E0201]: 's' is not declared
    0
}
