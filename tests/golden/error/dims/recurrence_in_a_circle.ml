fn f(x: f32[T]) -> f32[T] {
    rec { # error[E0308]: circular
        a[t] = b[t] + x[t]
        b[t] = a[t] * 2
    }
    a
}
