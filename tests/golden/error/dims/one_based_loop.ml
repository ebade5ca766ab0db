fn total(x: f32[N]) -> f32 {
    var s = 0.0
    for i in 1..N + 1 { s += x[N + i] } # error[E0303]: outside an axis of size N
    f32(s)
}
