fn f(x: f32) -> f32 {
    x * 2 # error[E0208]: dropped
    x
}
