# A function that states conditions is asked for in a score: it fails where the guard asks for it, and only there.
fn entry(b: f32[N], i: int) -> f32 where 0 <= i, i < N = b[i]
fn attend(q: f32[T, D], k: f32[S, D], v: f32[S, E], bias: f32[N], at: i64[S], ok: bool[S]) -> f32[T, E] {
    let p[t, j] = softmax[j | ok[j]](sum[d](q[t, d] * k[j, d]) + entry(bias, at[j]))
    out[t, e] = sum[j](p[t, j] * v[j, e])
}
let q: f32[2, 3] = 0
let k: f32[4, 3] = 0
let v[j: 4, e: 2] = f32(j)
let ok = [true, true, true, false]
print(attend(q, k, v, [0.0, 1.0], [1, 1, 1, 0], ok))
print(attend(q, k, v, [0.0, 1.0], [1, 1, 1, 9], ok))
print(attend(q, k, v, [0.0, 1.0], [1, 2, 1, 9], ok))
# > [[1.0, 1.0],
# >  [1.0, 1.0]]
# > [[1.0, 1.0],
# >  [1.0, 1.0]]
# status: 1
# stderr: streams_state_conditions.ml:4:66: error[E0701]
