## A window of K at each of T - K + 2 places.
fn f(x: f32[T], w: f32[K]) -> f32[T - K + 2] where 2 <= K, K <= T {
    out[t] = sum[k](w[k] * x[t + k])  # warning[W0005]: where k is K - 1 and t is T - K + 1, this is T: outside an axis of size T
}
