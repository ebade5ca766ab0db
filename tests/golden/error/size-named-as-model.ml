## One mistake, in however many signatures it shows.
model N(D) {
    param w: f32[D] = 1
}
fn f(x: f32[N]) -> f32[N] = x       # error[E0206]: a type where a whole number is needed
fn g(x: f32[M, N]) -> f32[N] = x[0]
