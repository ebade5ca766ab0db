# A score that no reader asks for is computed all the same: what fails in it is a failure, although the scores are never stored.
fn attend(q: f32[T, D], k: f32[N, D], v: f32[S, E], at: i64[S], most: i64) -> f32[T, E] {
    let s[t, j: S] = sum[d](q[t, d] * k[at[j], d])
    let p[t, j] = softmax[j | j <= t + most](s[t, j])
    out[t, e] = sum[j](p[t, j] * v[j, e])
}
fn lazy(q: f32[T, D], k: f32[N, D], v: f32[S, E], at: i64[S], most: i64) -> f32[T, E] {
    let p[t, j: S] = softmax[j | j <= t + most](sum[d](q[t, d] * k[at[j], d]))
    out[t, e] = sum[j](p[t, j] * v[j, e])
}
let q: f32[2, 3] = 0
let k: f32[4, 3] = 0
let v[j: 5, e: 2] = f32(j)
print(attend(q, k, v, [0, 1, 2, 3, 0], 2))
print(lazy(q, k, v, [0, 1, 2, 3, 9], 2))
print(attend(q, k, v, [0, 1, 2, 3, 9], 2))
# > [[1.0, 1.0],
# >  [1.5, 1.5]]
# > [[1.0, 1.0],
# >  [1.5, 1.5]]
# status: 1
# stderr: streams_fail_behind_guards.ml:3:41: error[E0701]: subscript 9 is outside an axis of size 4
