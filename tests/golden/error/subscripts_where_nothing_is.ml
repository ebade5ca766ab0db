# A guard that contradicts the range of its index has no place: nothing is read there, and the guard is what is said, not the subscript.
fn rows(q: f32[T, D]) -> f32[T] { out[i] = sum[d | i == T](q[i, d]) } # warning[W0003]: this is always false: i == T
fn behind(q: f32[T, T]) -> f32[T] {
    out[i] = sum[j: T | j == i and i == T + j](q[j - T, i]) # warning[W0003]: this is always false: i == T + j
}
fn either(q: f32[T, D]) -> f32[T] { out[i] = if i == T { q[i, 0] } else { 0.0 } } # warning[W0003]: this is always false: i == T
