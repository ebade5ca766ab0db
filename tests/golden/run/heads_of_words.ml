# Mixtures of softmaxes and decoding heads: a hidden layer for each head, one vocabulary for all; a label that is none fails.
fn mixture(x: f32[T, D], w: f32[V, D], pi: f32[T, K], p: f32[K, D, D], y: i64[T]) -> f32[T] {
    let h[t, k, d] = tanh(sum[e](x[t, e] * p[k, d, e]))
    let l[t, k, c] = sum[d](h[t, k, d] * w[c, d])
    let lp[t, k, c] = log_softmax[c](l[t, k, c])
    let g[t, k] = log_softmax[k](pi[t, k])
    out[t] = -logsumexp[k](g[t, k] + lp[t, k, y[t]])
}
fn probabilities(x: f32[T, D], w: f32[V, D], g: f32[T, K], p: f32[K, D, D]) -> f32[T, V] {
    let h[t, k, d] = tanh(sum[e](x[t, e] * p[k, d, e]))
    let q[t, k, c] = softmax[c](sum[d](h[t, k, d] * w[c, d]))
    out[t, c] = sum[k](g[t, k] * q[t, k, c])
}
fn heads(x: f32[T, D], w: f32[V, D], p: f32[K, D, D], y: i64[T]) -> f32[T, K] {
    let h[t, k, d] = silu(sum[e](x[t, e] * p[k, d, e])) + x[t, d]
    let l[t, k, c] = sum[d](h[t, k, d] * w[c, d])
    out[t, k] = l[t, k, y[t]] - logsumexp[c](l[t, k, c])
}
fn equal_parts(x: f32[T, D], w: f32[V, D], p: f32[K, D, D], y: i64[T]) -> f32[T] {
    let h[t, k, d] = tanh(sum[e](x[t, e] * p[k, d, e]))
    let lp[t, k, c] = log_softmax[c](sum[d](h[t, k, d] * w[c, d]))
    out[t] = logsumexp[k](lp[t, k, y[t]])
}
let x[t: 21, d: 6] = sin(f32(t * 7 + d * 3))
let w[v: 300, d: 6] = cos(f32(v * 5 + d * 11))
let p[k: 3, d: 6, e: 6] = sin(f32(k * 5 + d * 2 + e * 7))
let pi[t: 21, k: 3] = cos(f32(t + k * 2))
let y[t: 21] = t * 13
let z = mixture(x, w, pi, p, y)
let q = probabilities(x, w, pi, p)
let s = heads(x, w, p, y)
let e = equal_parts(x, w, p, y)
# A mixture is what its probabilities say, and one of equal parts what its heads say.
let g[t, k] = softmax[k](pi[t, k])
let m = probabilities(x, w, g, p)
let far[t] = abs(exp(-z[t]) - m[t, y[t]])
print(max(far) < 0.00001, abs(sum(q) - sum(pi)) < 0.01)
# > true true
print(max(abs(s)) < 30, mean(e) < 0)
# > true true
let bad[t: 21] = y[t] + (if t == 20 { 40 } else { 0 })
print(mean(equal_parts(x, w, p, bad)))
# stderr: heads_of_words.ml:22:36: error[E0701]: subscript 300 is outside an axis of size 300
# status: 1
