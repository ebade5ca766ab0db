fn f(x: f32[N]) -> f32[N] {
    var s: f32[N] = 0
    for t in 0..N {
        let y[t] = x[t] * 2 # error[E0202]: index 't' hides a variable
        s = y
    }
    s
}
