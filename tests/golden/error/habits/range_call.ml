## A range is written 0..n.
fn f(x: f32[N]) -> f32 {
    var s = 0.0
    for i in range(N) { s += x[i] }
    s
}
