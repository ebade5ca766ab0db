fn f(x: f32[T]) -> f32[T] {
    rec h[t] = (h[t - 1] ?? 0) + (h[t + 1] ?? 0) + x[t] # error[E0308]: both directions
    h
}
