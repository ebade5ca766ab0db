## A `let` does not accumulate.
fn f(x: f32[N]) -> f32 {
    let s = 0.0
    for i in 0..N { s += x[i] }
    s
}
