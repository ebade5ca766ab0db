fn f(x: f32[T]) -> f32[T] {
    rec h[t] = h[t] + x[t] # error[E0308]: circular
    h
}
