## One elementwise operator.
export fn run(x: f32[N]) -> f32[N] {
    out[i] = x[i] * 2 + 1
}
