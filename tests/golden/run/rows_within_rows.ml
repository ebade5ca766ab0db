# What is reduced for each token of each sequence, then over the tokens: padding is never looked up, a guard holds or not.
fn logits(x: float[T, D], w: float[V, D]) -> float[T, V] = x @ w.T
fn logp(x: float[T, D], w: float[V, D], y: i32[T]) -> float[T] {
    let lp = log_softmax(logits(x, w), axis: -1)
    out[t] = lp[t, y[t]]
}
# of pairs of sequences
export fn preferred(a: f32[B, T, D], b: f32[B, T, D], w: f32[V, D], ya: i32[B, T], yb: i32[B, T], beta: f32) -> f32 where B >= 1 {
    let pa[n] = sum(logp(a[n], w, ya[n]))
    let pb[n] = sum(logp(b[n], w, yb[n]))
    -mean[n](log_sigmoid(beta * (pa[n] - pb[n])))
}
# padded with labels that are none
export fn padded(x: f32[B, T, D], w: f32[V, D], y: i32[B, T], len: i32[B]) -> f32[B] {
    let z[b, t, v] = sum[d](x[b, t, d] * w[v, d])
    let lp = log_softmax(z, axis: -1)
    out[b] = sum[t | t < len[b]](lp[b, t, y[b, t]]) / len[b]
}
# a ratio to older probabilities, clipped, and a divergence from others, of each token
export fn clipped(x: f32[B, T, D], w: f32[V, D], old: f32[B, T], x2: f32[B, T, D], y: i32[B, T], worth: f32[B], len: i32[B]) -> f32 where B >= 1 {
    let z[b, t, v] = sum[d](x[b, t, d] * w[v, d])
    let z2[b, t, v] = sum[d](x2[b, t, d] * w[v, d])
    let lp = log_softmax(z, axis: -1)
    let lr = log_softmax(z2, axis: -1)
    let a[b, t] = if t < len[b] { lp[b, t, y[b, t]] } else { 0.0 }
    let r[b, t] = if t < len[b] { lr[b, t, y[b, t]] } else { 0.0 }
    let ratio[b, t] = exp(a[b, t] - old[b, t])
    let l[b, t] = -min(ratio[b, t] * worth[b], clip(ratio[b, t], 0.8, 1.2) * worth[b]) + 0.04 * (exp(r[b, t] - a[b, t]) - (r[b, t] - a[b, t]) - 1)
    mean[b](sum[t | t < len[b]](l[b, t]) / len[b])
}
# several heads, of which the probabilities are mixed: a maximum and a sum over heads need the same of each
export fn mixed(h: f32[T, M, D], w: f32[V, D], r: f32[T, M], y: i32[T]) -> f32[T] {
    let z[t, m, v] = sum[e](h[t, m, e] * w[v, e])
    let lp[t, m, v] = log_softmax[v](z[t, m, v])
    out[t] = logsumexp[m](r[t, m] + lp[t, m, y[t]])
}
fn r2(a: int, b: int, n: int) -> f32[a, b] {
    let x[i: a, j: b] ~ normal(0, 1, key: key(n))
    x
}
fn r3(a: int, b: int, c: int, n: int) -> f32[a, b, c] {
    let x[i: a, j: b, k: c] ~ normal(0, 1, key: key(n))
    x
}
let len[b: 3] = i32(2 * b + 1)
let y[b: 3, t: 7] = if t < len[b] { i32((5 * b + 11 * t) % 300) } else { i32(-1) }
let all[b: 3, t: 7] = i32((5 * b + 11 * t) % 300)
let w = r2(300, 4, 1)
let x = r3(3, 7, 4, 2)
print(preferred(x, r3(3, 7, 4, 3), w, all, all, 0.1), padded(x, w, y, len))
print(clipped(x, w, r2(3, 7, 5) - 6, r3(3, 7, 4, 6), y, [1.0, -1.0, 0.5], len))
print(mixed(x, w, r2(3, 7, 8), [1, 299, 7]))
# > 0.676 [-10.09, -7.729, -7.426]
# > 0.3799
# > [-2.584, -4.363, -5.427]
