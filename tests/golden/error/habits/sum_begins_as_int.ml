fn f(x: f32[N]) -> f32 {
    var acc = 0
    for i in 0..N { acc += x[i] }
    acc
}
fn g(x: f32[N]) -> int {
    var n = 0
    n = n + 1.5
    n
}
