## Functions for C are pure.
export fn f(x: f32[N]) -> f32[N] {
    print(x)
    x
}
