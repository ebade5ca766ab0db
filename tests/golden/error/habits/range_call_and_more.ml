fn f(x: f32[N]) -> f32[N] {
    for i in range(N) { x[i] = x[i] * 2 }
    x
}
