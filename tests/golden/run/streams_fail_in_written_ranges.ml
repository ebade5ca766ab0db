# A range that a table tells may pass the end of its axis: that is a failure, of its row alone, and also where the pass over the axis would not ask for the place.
fn packed(q: f32[T, D], k: f32[T, D], v: f32[T, D], from: int[N], to: int[N]) -> f32[N, D] {
    let s[i: N, j: T] = sum[d](q[i % max(T, 1), d] * k[j, d])
    let m[i] = max[j: from[i]..to[i]](s[i, j])
    let e[i, j] = exp(s[i, j] - m[i])
    out[i, d] = sum[j: from[i]..to[i]](e[i, j] * v[j, d]) / sum[j: from[i]..to[i]](e[i, j])
}
let q: f32[4, 3] = 0
let v[j: 4, e: 3] = f32(j)
print(packed(q, q, v, [0, 1, 2], [4, 3, 3]))
print(packed(q, q, v, [9, -3, 2], [8, -5, 3])[2])
print(packed(q, q, v, [0, 1, 2], [4, 5, 3]))
# > [[1.5, 1.5, 1.5],
# >  [1.5, 1.5, 1.5],
# >  [2.0, 2.0, 2.0]]
# > [2.0, 2.0, 2.0]
# status: 1
# stderr: subscript 4 is outside an axis of size 4
