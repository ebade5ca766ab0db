# Two memories with one maximum, written out: the scores of neither are computed anew for each column of the values.
export fn two(q: f32[T, D], k: f32[T, D], v: f32[T, E], old: f32[P, D], older: f32[P, E]) -> f32[T, E] {
    let a[i, j: P] = sum[d](q[i, d] * old[j, d])
    let b[i, j: T] = sum[d](q[i, d] * k[j, d])
    let m[i] = max(max[j](a[i, j]), max[j | j <= i](b[i, j]))
    let z[i] = sum[j](exp(a[i, j] - m[i])) + sum[j | j <= i](exp(b[i, j] - m[i]))
    out[i, e] = (sum[j](exp(a[i, j] - m[i]) * older[j, e]) + sum[j | j <= i](exp(b[i, j] - m[i]) * v[j, e])) / z[i]
}
# > two (memories.ml:2:1)
# >   memories.ml:3:5: a: f32[T, P] stored: its readers ask for each element several times
# >   memories.ml:4:5: b: f32[T, T] stored: its readers ask for each element several times
