## Each equation reads one place before the first, or behind the last.
fn forwards(x: f32[T]) -> f32[T] {
    rec y[t] = x[t] + y[t - 1]              # error[E0310]: 'y' has no start: where t is 0, y is read at -1
    y
}
fn backwards(x: f32[T]) -> f32[T] {
    rec y[t] = x[t] + 0.5 * y[t + 1]        # error[E0310]: 'y' has no start: where t is T - 1, y is read at T
    y
}
fn steps(w: f32[D, D], x: f32[T, D]) -> f32[T, D] {
    rec h[t, d] = tanh(x[t, d] + sum[e](w[d, e] * h[t - 1, e]))    # error[E0310]: 'h' has no start
    h
}
fn group(x: f32[T]) -> f32[T] {
    rec {
        a[t] = x[t] + (b[t - 1] ?? 0)
        b[t] = a[t] * b[t - 2]              # error[E0310]: 'b' has no start: where t is 0, b is read at -2
    }
    a
}
fn table(x: f32[M, N]) -> f32[M, N] {
    rec d[i, j] = x[i, j] + d[i - 1, j - 1]     # error[E0310]: 'd' has no start: where i is 0, d is read at -1
    d
}
fn too_wide(x: f32[T]) -> f32[T] {
    rec y[t] = if t < T { y[t - 1] } else { x[t] }      # error[E0310]: 'y' has no start
    y
}
fn other_side(x: f32[T]) -> f32[T] {
    rec y[t] = x[t] + (if t == T - 1 { 0 } else { y[t - 1] })   # maybe an only element
    y
}
fn shifted(x: f32[T]) -> f32[T] where T >= 2 {
    rec y[t: 1..T] = x[t] + (y[t - 1] ?? 0)     # error[E0307]: an index of a recurrence runs from 0
    y
}
