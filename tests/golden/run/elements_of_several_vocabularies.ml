# Elements of log-softmaxes over several vocabularies in one row: each is a pass, or passes of its own; a label that is none fails.
fn three(x: f32[T, D], u: f32[V, D], w: f32[W, D], r: f32[R, D], y: i32[T], z: i32[T]) -> f32 where T >= 1 {
    let a = log_softmax(x @ u.T, axis: 1)
    let b = log_softmax(x @ w.T, axis: 1)
    let c = log_softmax(x @ r.T, axis: 1)
    -mean[t](a[t, y[t]] + 2 * b[t, z[t]] * c[t, y[t]])
}
fn ratio(x: f32[T, D], u: f32[V, D], w: f32[W, D], y: i32[T], z: i32[T], old: f32[T]) -> f32[T] {
    let a = log_softmax(x @ u.T, axis: 1)
    let b = log_softmax(x @ w.T, axis: 1)
    out[t] = exp(a[t, y[t]] + b[t, z[t]] - old[t]) * a[t, 0]
}
fn same(x: f32[T, D], u: f32[V, D], w: f32[V, D], y: i32[T], z: i32[T]) -> f32[T] {
    let a = log_softmax(x @ u.T, axis: 1)
    let b = log_softmax(x @ w.T, axis: 1)
    out[t] = a[t, y[t]] + b[t, z[t]]
}
fn batch(x: f32[B, T, D], u: f32[V, D], w: f32[W, D], y: i32[B, T], z: i32[B, T]) -> f32 where B >= 1, T >= 1 {
    let a[b, t, v] = log_softmax[v](sum[d](x[b, t, d] * u[v, d]))
    let c[b, t, v] = log_softmax[v](sum[d](x[b, t, d] * w[v, d]))
    -mean[b, t](a[b, t, y[b, t]] + c[b, t, z[b, t]])
}
let x[t: 40, d: 6] = sin(f32(t * 7 + d * 3))
let u[v: 300, d: 6] = cos(f32(v * 5 + d * 11))
let w[v: 520, d: 6] = cos(f32(v * 3 + d * 7))
let r[v: 17, d: 6] = sin(f32(v * 3 + d * 5))
let y[t: 40] = i32(t % 17)
let z[t: 40] = i32(t * 13)
let old[t: 40] = f32(-12)
let xb[b: 2, t: 20, d: 6] = x[b * 20 + t, d]
let yb[b: 2, t: 20] = y[b * 20 + t]
let zb[b: 2, t: 20] = z[b * 20 + t]
print(three(x, u, w, r, y, z), norm(ratio(x, u, w, y, z, old)), ratio(x, u, w, y, z, old)[39], norm(same(x, u, u * 2, y, y)), batch(xb, u, w, yb, zb))
let far[t: 40] = i32(if t == 3 { 520 } else { 0 })
print(three(x, u, w, r, y, far))
# > -31.19 40.77 -10.55 82.48 12.44
# status: 1
# stderr: subscript 520 is outside an axis of size 520
