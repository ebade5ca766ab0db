fn twice(x: f32[.., T]) -> f32[.., T] {
    rec y[.., .., t] = x[.., t] + (y[.., t - 1] ?? 0)   # error[E0202]: '..' is already declared here
    y
}
fn short(x: f32[.., T]) -> f32[.., T] {
    rec y[.., t] = x[.., t] + (y[t - 1] ?? 0)           # error[E0304]: 1 subscripts of a tensor with 2 axes
    y
}
