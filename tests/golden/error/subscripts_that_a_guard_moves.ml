# A guard that puts a subscript outside wherever it holds: without it the subscript may be inside.
fn beside(q: f32[T, T], n: int) -> f32[T] { out[i] = sum[j: T | n > T](q[i, j] + q[n, j]) } # error[E0303]: subscript n is outside an axis of size T
