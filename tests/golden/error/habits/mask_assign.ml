## A condition is no subscript.
fn f(s: f32[T, T], m: bool[T, T]) -> f32[T, T] {
    var y = s
    y[m] = -inf
    y
}
