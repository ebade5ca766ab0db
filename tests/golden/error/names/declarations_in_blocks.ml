fn f(x: f32) -> f32 {
    fn g(y: f32) -> f32 = y * 2         # error[E0104]: a declaration stands inside a function
    g(x)
}
fn h(x: f32) -> f32 {
    struct P { a: f32 = 1 }             # error[E0104]: a declaration stands inside a function
    x + P().a
}
fn k(x: f32[N]) -> f32 {
    op most[j](x: float) -> float = max[j](x)   # error[E0104]: a declaration stands inside a function
    most[i](x[i])
}
