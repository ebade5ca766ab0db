# What a pass would take in, and another sum beside it asks for again for each of its elements, is a tensor: hidden layers of experts that are mixed at once,
# scores behind which one more place stands.
fn mixture(x: f32[N, D], g: f32[E, D], w1: f32[E, F, D], w2: f32[E, D, F]) -> f32[N, D] {
    let p = softmax(x @ g.T, axis: -1)
    let h[n, e, f0] = silu(sum[d](x[n, d] * w1[e, f0, d]))
    out[n, d] = sum[e, f0](p[n, e] * h[n, e, f0] * w2[e, d, f0])
}
fn in_turn(x: f32[N, D], g: f32[E, D], w1: f32[E, F, D], w2: f32[E, D, F]) -> f32[N, D] {
    let p = softmax(x @ g.T, axis: -1)
    let h[n, e, f0] = silu(sum[d](x[n, d] * w1[e, f0, d]))
    let y[n, e, d] = sum[f0](h[n, e, f0] * w2[e, d, f0])
    out[n, d] = sum[e](p[n, e] * y[n, e, d])
}
fn nested(x: f32[N, D], p: f32[N, E], w1: f32[E, F, D], w2: f32[E, D, F]) -> f32[N, D] {
    let h[n, e, f0] = silu(sum[d](x[n, d] * w1[e, f0, d]))
    out[n, d] = sum[e](p[n, e] * sum[f0](h[n, e, f0] * w2[e, d, f0]))
}
fn joined(q: f32[T, D], k: f32[T, D], sink: f32[1]) -> f32[T, D] {
    let s = q @ k.T
    let x[i: T, o: 1] = sink[o]
    let p = softmax(concat(s, x, axis: -1), axis: -1)
    out[i, d] = sum[j: T](p[i, j] * k[j, d])
}
fn before(q: f32[T, D], k: f32[T, D], sink: f32[1]) -> f32[T, D] {
    let s = q @ k.T
    let x[i: T, o: 1] = sink[o]
    let p = softmax(concat(x, s, axis: -1), axis: -1)
    p[:, 1:] @ k
}
fn outside(q: f32[T, D], k: f32[T, D], sink: f32[1]) -> f32[T, D] {
    let s = q @ k.T
    let p[i, j: T + 1] = softmax[j](s[i, j] ?? sink[0])
    out[i, d] = sum[j: T](p[i, j] * k[j, d])
}
fn by_hand(q: f32[T, D], k: f32[T, D], sink: f32[1]) -> f32[T, D] {
    let s = q @ k.T
    let m[i] = max(sink[0], max[j](s[i, j]))
    let z[i] = exp(sink[0] - m[i]) + sum[j](exp(s[i, j] - m[i]))
    out[i, d] = sum[j](exp(s[i, j] - m[i]) * k[j, d]) / z[i]
}
fn rank(x: f32[N, D], w: f32[V, D], y: i32[N]) -> f32[N, 2] {
    let z = x @ w.T
    let lp[n] = z[n, y[n]] - logsumexp[v](z[n, v])
    let rank[n] = count[v](z[n, v] > z[n, y[n]])
    out[n, c] = if c == 0 { lp[n] } else { f32(rank[n]) }
}
fn gap(a: f32[N, M], b: f32[N, M]) -> f32 { max[i: N, j: M](abs(a[i, j] - b[i, j])) }

let x[n: 21, d: 19] ~ normal(0, 0.5, key: key(1))
let g[e: 5, d: 19] ~ normal(0, 0.5, key: key(2))
let w1[e: 5, f0: 17, d: 19] ~ normal(0, 0.5, key: key(3))
let w2[e: 5, d: 19, f0: 17] ~ normal(0, 0.5, key: key(4))
let y = mixture(x, g, w1, w2)
print(y[0, 0], y[20, 18])
# > -0.108 0.08642
print(gap(y, in_turn(x, g, w1, w2)) < 1e-5)
# > true
print(gap(y, nested(x, softmax(x @ g.T, axis: -1), w1, w2)) < 1e-5)
# > true
let q[i: 37, d: 20] ~ normal(0, 0.5, key: key(5))
let k[i: 37, d: 20] ~ normal(0, 0.5, key: key(6))
let s = [f32(1.5)]
let o = by_hand(q, k, s)
print(o[0, 0], o[36, 19])
# > -0.04654 -0.1047
print(gap(o, joined(q, k, s)) < 1e-5)
# > true
print(gap(o, before(q, k, s)) < 1e-5)
# > true
print(gap(o, outside(q, k, s)) < 1e-5)
# > true
let words[v: 53, d: 19] ~ normal(0, 0.5, key: key(7))
let label[n: 21] = i32(n * 11 % 53)
let r = rank(x, words, label)
print(r[0, 0], r[0, 1], r[20, 0], r[20, 1])
# > -4.411 23.0 -3.43 12.0
let z = x @ words.T
print(all[n: 21](r[n, 1] == f32(count[v: 53](z[n, v] > z[n, label[n]]))))
# > true
