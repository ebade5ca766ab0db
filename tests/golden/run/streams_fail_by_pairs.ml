# What may fail for a pair of a row and a place, and a row that only some readers ask for: each is looked for where the tensor stands.
fn biased(q: f32[T, D], k: f32[S, D], bias: f32[N], bucket: i64[T, S], ok: bool[S]) -> f32[T] {
    let s[t, j] = sum[d](q[t, d] * k[j, d]) + bias[bucket[t, j]]
    out[t] = logsumexp[j | ok[j]](s[t, j])
}
fn some_rows(q: f32[T, D], k: f32[N, D], at: i64[S], per: i64[S], rows: int) -> f32[T] {
    let place[j] = at[j] // per[j]
    let s[t, j: S] = sum[d](q[t, d] * k[place[j], d])
    let p[t, j] = softmax[j](s[t, j])
    let h[t] = sum[j](p[t, j] * p[t, j])
    out[t] = if t < rows { h[t] } else { 0 }
}
fn clipped(q: f32[T, D], k: f32[S, D], bias: f32[N], far: int) -> f32[T] where N >= 1 {
    let s[t, j] = sum[d](q[t, d] * k[j, d]) + bias[clip(t - far * j, 0, N - 1)]
    out[t] = logsumexp[j | j <= t](s[t, j])
}
let q: f32[2, 3] = 0
let k: f32[3, 3] = 0
let ok[j: 3] = j != 1
let right[t: 2, j: 3] = 0
let wrong[t: 2, j: 3] = if t == 1 and j == 1 { 2 } else { 0 }
print(clipped(q, k, [0.0, 1.0], 7))
print(biased(q, k, [0.0, 1.0], right, ok))
print(some_rows(q, k, [4, 2, 0], [2, 1, 1], 0), some_rows(q, k, [4, 2, 0], [2, 1, 1], 1))
print(biased(q, k, [0.0, 1.0], wrong, ok))
# > [0.0, 1.313]
# > [0.6931, 0.6931]
# > [0.0, 0.0] [0.3333, 0.0]
# status: 1
# stderr: streams_fail_by_pairs.ml:3:52: error[E0701]: subscript 2 is outside an axis of size 2
