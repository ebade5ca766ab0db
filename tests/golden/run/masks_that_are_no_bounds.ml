# A guard on a place counted from the other end, beside bounds, in a stream: what is no bound is a mask.
fn turned(v: f64[M], h: f64[N, M]) -> f64[N] {
    let s[i: N, j: M] = f64(v[j]) + 0.0 * h[i, j]
    let p[i, j] = softmax[j | 1 <= j < i + 4](clip(s[i, j], -20, 20))
    out[i] = sum[j](p[i, j] * p[N - 1 - i, M - 1 - j])
}
fn shared(v: f64[M], h: f64[N, M]) -> f64[N] {
    let s[i: N, j: M] = f64(v[j])
    let p[i, j] = softmax[j | 1 <= j < i + 4](clip(s[i, j], -20, 20))
    out[i: N] = sum[j: M](p[i, j] * p[N - 1 - i, M - 1 - j])
}
print(turned([1.5, 0.5], [[1, 2], [3, 4]]), shared([1.5, 0.5], [[1, 2], [3, 4]]))
# > [0.0, 0.0] [0.0, 0.0]
print(shared([1.5, 0.5, 1, 2], [[1, 2, 3, 4], [3, 4, 5, 6]]))
# > [0.06486, 0.06486]
# Bounds from both ends of a causal softmax: half of the places have both.
let h[i: 70, j: 300] = f64((i * 7 + j * 5) % 23) * 0.1
let v[j: 300] = f64(j % 13) * 0.1
print(turned(v[:70], h[:, :70])[33:36], sum(turned(v[:70], h[:, :70])), sum(shared(v[:70], h[:, :70])))
# > [0.006553, 0.0071, 0.0071] 0.5918 0.5918
