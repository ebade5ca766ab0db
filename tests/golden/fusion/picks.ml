# Numbers of a place beside scores: pairs are not stored.
# never: f32[T, V] stored
# What the label's score is compared with: a number of each place, where words are rows, and of each row, where tokens are.
export fn margin_words(x: f32[T, D], w: f32[V, D], y: i32[T]) -> f32[V, D] where T >= 1, V >= 1 {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    let c[t, v] = if v != y[t] and 1.0 + z[t, v] - z[t, y[t]] > 0 { 1.0 } else { 0.0 }
    let n[t] = sum[v](c[t, v])
    let g[t, v] = if v == y[t] { -n[t] } else { c[t, v] }
    out[v, d] = sum[t](g[t, v] * x[t, d])
}
export fn margin_squared(x: f32[T, D], w: f32[V, D], y: i32[T]) -> f32[V, D] where T >= 1, V >= 1 {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    let c[t, v] = max(1.0 + z[t, v] - z[t, y[t]], 0.0)
    let n[t] = sum[v](c[t, v])
    out[v, d] = sum[t]((c[t, v] - n[t]) * x[t, d])
}
export fn triplets(a: f32[T, D], b: f32[T, D]) -> f32 {
    let s[i, j] = sum[d](a[i, d] * b[j, d])
    sum[i, j | j != i](max(0.0, 0.2 + s[i, j] - s[i, i]) + max(0.0, 0.2 + s[i, j] - s[j, j]))
}
# never: f32[T, T] stored
# > margin_words (picks.ml:4:1)
# >       loops: contract[d: D] (sum), then stream[v: V] (sum)
# >       loops: stream[t: T] (sum)
# > margin_squared (picks.ml:11:1)
# >       loops: stream[v: V] (sum)
# >       loops: stream[t: T] (sum)
# > triplets (picks.ml:17:1)
# >       loops: contract[d: D] (sum), then stream[j: T] (sum)
