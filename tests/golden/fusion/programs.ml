# Recurrences over pairs, and what else goes on from row to row of them: 64 rows are stored; log-probabilities of which one row is read alone; weights of layers that
# are multiplied; scaling of rows and columns in turn.
# never: f32[T, S] stored
# never: f32[T, V] stored
# never: f32[T, U, V] stored
# never: f32[N, N] stored
# never: f32[T, T] stored
# never: f32[H, T, T] stored
# never: f32[2, H, T, T] stored
import std.special: logaddexp
export fn warped(x: f32[T, D], y: f32[S, D], g: f32) -> f32 where T >= 1, S >= 1 {
    let c[i, j] = sum[d]((x[i, d] - y[j, d]) ^ 2)
    rec r[i: T, j: S] = if i == 0 and j == 0 { c[0, 0] } else { c[i, j] - g * logaddexp(logaddexp(-(r[i - 1, j] ?? 1e30) / g, -(r[i, j - 1] ?? 1e30) / g), -(r[i - 1, j - 1] ?? 1e30) / g) }
    r[T - 1, S - 1]
}
# > warped (programs.ml:11:1)
# >   programs.ml:12:5: c: f32[min(T, 64), S] stored: it is read in a loop that it stands outside of
export fn monotonic(q: f32[T, D], k: f32[S, D]) -> f32[T, D] {
    let e[i, j] = sigmoid(sum[d](q[i, d] * k[j, d]))
    rec a[i: T, j: S] = e[i, j] * (if j == 0 { if i == 0 { 1.0 } else { 0.0 } } else { (1.0 - e[i, j - 1]) * (a[i, j - 1] ?? 0.0) / max(e[i, j - 1], 1e-6) } + (a[i - 1, j] ?? 0.0))
    out[i, d] = sum[j](a[i, j] * k[j, d])
}
# > monotonic (programs.ml:18:1)
# >   programs.ml:19:5: e: f32[min(T, 64), S] stored: it is read in a loop that it stands outside of
# >   programs.ml:20:5: f32[min(T, 65), S] stored: a loop begins with it
export fn aligned(x: f32[T, D], w: f32[V, D], y: i32[M]) -> f32 where T >= 1, M >= 1 {
    let lp[t, v] = log_softmax[v](sum[d](x[t, d] * w[v, d]))
    let a0[m: M] = if m < 2 { lp[0, y[m]] } else { -1e30 }
    var a = a0
    for t in 1..T {
        let b[m: M] = logaddexp(a[m], a[m - 1] ?? -1e30) + lp[t, y[m]]
        a = b
    }
    a[M - 1]
}
# > aligned (programs.ml:26:1)
# >   programs.ml:27:5: lp: f32[min(T, 64), V] stored: its readers ask for each element several times
# Rows of the other axis are beside each: a strip has few.
export fn transduced(e: f32[T, K], p: f32[U, K], w: f32[V, K], y: i32[U]) -> f32 where T >= 1, U >= 1 {
    let h[t, u, k] = tanh(e[t, k] + p[u, k])
    let lp[t, u, v] = log_softmax[v](sum[k](h[t, u, k] * w[v, k]))
    rec a[t: T, u: U] = if t == 0 and u == 0 { 0.0 } else if u == 0 { (a[t - 1, u] ?? -1e30) + lp[max(t - 1, 0), u, 0] } else { logaddexp((a[t - 1, u] ?? -1e30) + lp[max(t - 1, 0), u, 0], (a[t, u - 1] ?? -1e30) + lp[t, u - 1, y[u - 1]]) }
    a[T - 1, U - 1] + lp[T - 1, U - 1, 0]
}
# > transduced (programs.ml:39:1)
# >   programs.ml:41:5: lp: f32[T, min(U, max(64 // max(T, 1), 8) + 1), V] stored: its readers ask for each element several times
export fn covered(q: f32[T, D], k: f32[S, D]) -> (f32, f32) {
    let p[i, j] = softmax[j](sum[d](q[i, d] * k[j, d]))
    let c[i: T, j] = sum[m | m < i](p[m, j])
    (mean[i](sum[j](min(p[i, j], c[i, j]))), mean[i, j](min(p[i, j], c[i, j])))
}
# > covered (programs.ml:47:1)
# >   programs.ml:48:5: p: f32[min(T, 65), S] stored: it is read in a loop that it stands outside of
export fn triplets(x: f32[N, D], y: i32[N]) -> (f32, f32) {
    let c[i, j] = sum[d]((x[i, d] - x[j, d]) ^ 2)
    let all = sum[i, j, k | y[j] == y[i] and y[k] != y[i]](max(c[i, j] - c[i, k] + 0.3, 0.0))
    (all, sum[i, j | y[i] == y[j]](max(c[i, j] - min[n | y[n] != y[i] and c[i, n] > c[i, j]](c[i, n]) + 0.2, 0.0)))
}
# > triplets (programs.ml:54:1)
# >   programs.ml:55:5: c: f32[min(N, 64), N] stored: its readers ask for each element several times
# Weights that are multiplied: the sum with the values goes first, each is a pass.
export fn rolled(q: f32[2, H, T, D], k: f32[2, H, T, D], v: f32[H, T, E]) -> f32[H, T, E] {
    let p[l, h, i, j] = softmax[j | j <= i](sum[d](q[l, h, i, d] * k[l, h, j, d]))
    let r = p[1] @ p[0]
    r @ v
}
# > rolled (programs.ml:62:1)
# >       loops: stream[j: T within bounds] (max, sum, sum)
export fn rolled_means(q: f32[3, H, T, D], k: f32[3, H, T, D], v: f32[T, E]) -> f32[T, E] {
    let p[l, h, i, j] = softmax[j](sum[d](q[l, h, i, d] * k[l, h, j, d]))
    let a[l, i, j] = 0.5 * mean[h](p[l, h, i, j]) + (if i == j { 0.5 } else { 0.0 })
    let r[i, j] = sum[m](a[1, i, m] * a[0, m, j])
    let s[i, j] = sum[m](a[2, i, m] * r[m, j])
    out[i, e] = sum[j](s[i, j] * v[j, e])
}
# Points in two dimensions; of many features the distances are stored, for they would be computed twice in each turn.
export fn scaled(x: f32[T, 2], y: f32[S, 2], n: int) -> f32 {
    let c[i, j] = sum[d]((x[i, d] - y[j, d]) ^ 2)
    var u: f32[T] = 0
    var v: f32[S] = 0
    for _t in 0..n {
        let a[i] = -logsumexp[j](v[j] - c[i, j] / 0.5)
        let b[j] = -logsumexp[i](a[i] - c[i, j] / 0.5)
        u = a
        v = b
    }
    sum[i, j](exp(u[i] + v[j] - c[i, j] / 0.5) * c[i, j])
}
