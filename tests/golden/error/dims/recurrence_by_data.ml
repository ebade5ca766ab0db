fn f(x: f32[T], at: i32[T]) -> f32[T] {
    rec h[t] = (h[at[t]] ?? 0) + x[t] # error[E0308]: circular
    h
}
