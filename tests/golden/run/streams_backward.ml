# Backward passes and forward derivatives written by hand, over more places than a block has: what is reduced for each row is a pass of its own. A sum over all pairs
# beside a pass over keys: their axes differ.
# long
fn backward(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], g: f32[H, T, D]) -> (f32[H, T, D], f32[H, S, D], f32[H, S, D]) {
    let p[h, i, j] = softmax[j | j <= i + S - T](sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D))
    let dv[h, j, d] = sum[i](p[h, i, j] * g[h, i, d])
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i]) / sqrt(D)
    let dq[h, i, d] = sum[j](ds[h, i, j] * k[h, j, d])
    let dk[h, j, d] = sum[i](ds[h, i, j] * q[h, i, d])
    (dq, dk, dv)
}
## Features first, in one batch and last of two: the same bits.
fn features_first(q: f32[H, D, T], k: f32[H, D, S], v: f32[H, D, S], g: f32[H, D, T]) -> (f32[H, D, T], f32[H, D, S], f32[H, D, S]) {
    let p[h, i, j] = softmax[j | j <= i + S - T](sum[d](q[h, d, i] * k[h, d, j]) / sqrt(D))
    let dv[h, d, j] = sum[i](p[h, i, j] * g[h, d, i])
    let dp[h, i, j] = sum[d](g[h, d, i] * v[h, d, j])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i]) / sqrt(D)
    let dq[h, d, i] = sum[j](ds[h, i, j] * k[h, d, j])
    let dk[h, d, j] = sum[i](ds[h, i, j] * q[h, d, i])
    (dq, dk, dv)
}
fn heads_last(q: f32[T, D, H], k: f32[S, D, H], v: f32[S, D, H], g: f32[T, D, H]) -> (f32[T, D, H], f32[S, D, H], f32[S, D, H]) {
    let p[h, i, j] = softmax[j | j <= i + S - T](sum[d](q[i, d, h] * k[j, d, h]) / sqrt(D))
    let dv[j, d, h] = sum[i](p[h, i, j] * g[i, d, h])
    let dp[h, i, j] = sum[d](g[i, d, h] * v[j, d, h])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i]) / sqrt(D)
    let dq[i, d, h] = sum[j](ds[h, i, j] * k[j, d, h])
    let dk[j, d, h] = sum[i](ds[h, i, j] * q[i, d, h])
    (dq, dk, dv)
}
fn heads_in_rows(q: f32[T, 10], k: f32[S, 10], v: f32[S, 10], g: f32[T, 10]) -> (f32[T, 10], f32[S, 10], f32[S, 10]) {
    let p[h: 2, i, j] = softmax[j | j <= i + S - T](sum[d: 5](q[i, h * 5 + d] * k[j, h * 5 + d]) / sqrt(5))
    let dv[j, c] = sum[i](p[c // 5, i, j] * g[i, c])
    let dp[h: 2, i, j] = sum[d: 5](g[i, h * 5 + d] * v[j, h * 5 + d])
    let delta[h: 2, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h: 2, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i]) / sqrt(5)
    let dq[i, c] = sum[j](ds[c // 5, i, j] * k[j, c])
    let dk[j, c] = sum[i](ds[c // 5, i, j] * q[i, c])
    (dq, dk, dv)
}
fn in_rows(x: f32[2, T, 5]) -> f32[T, 10] {
    out[i, c] = x[c // 5, i, c % 5]
}
fn features_before(x: f32[H, T, D]) -> f32[H, D, T] {
    out[h, d, i] = x[h, i, d]
}
fn heads_behind(x: f32[H, T, D]) -> f32[T, D, H] {
    out[i, d, h] = x[h, i, d]
}
fn forward(q: f32[T, D], k: f32[S, D], v: f32[S, D], tq: f32[T, D], tv: f32[S, D]) -> (f32[T, D], f32[T, D]) {
    let p[i, j] = softmax[j | j <= i + S - T](sum[d](q[i, d] * k[j, d]))
    let ts[i, j] = sum[d](tq[i, d] * k[j, d])
    let mean[i] = sum[j](p[i, j] * ts[i, j])
    let tp[i, j] = p[i, j] * (ts[i, j] - mean[i])
    let o[i, d] = sum[j](p[i, j] * v[j, d])
    let to[i, d] = sum[j](tp[i, j] * v[j, d] + p[i, j] * tv[j, d])
    (o, to)
}
fn slopes(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], g: f32[H, T, D], slope: f32[H]) -> (f32[H], f32[H, T, D]) {
    let p[h, i, j] = softmax[j | j <= i](sum[d](q[h, i, d] * k[h, j, d]) + slope[h] * (j - i))
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i])
    let dq[h, i, d] = sum[j](ds[h, i, j] * k[h, j, d])
    let dslope[h] = sum[i, j](ds[h, i, j] * (j - i))
    (dslope, dq)
}
fn sink(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], g: f32[H, T, D], b: f32[H]) -> (f32[H, T, D], f32[H, S, D], f32[H]) {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let m[h, i] = max(max[j | j <= i + S - T](s[h, i, j]), b[h])
    let z[h, i] = exp(b[h] - m[h, i]) + sum[j | j <= i + S - T](exp(s[h, i, j] - m[h, i]))
    let p[h, i, j] = if j <= i + S - T { exp(s[h, i, j] - m[h, i]) / z[h, i] } else { 0.0 }
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i])
    let dq[h, i, d] = sum[j](ds[h, i, j] * k[h, j, d])
    let dk[h, j, d] = sum[i](ds[h, i, j] * q[h, i, d])
    let db[h] = -sum[i](exp(b[h] - m[h, i]) / z[h, i] * delta[h, i])
    (dq, dk, db)
}
fn contrast(a: f32[N, D], b: f32[N, D], s: f32) -> (f32, f32[N, D], f32[N, D], f32) where N >= 1 {
    let z[i, j] = s * sum[d](a[i, d] * b[j, d])
    let lr[i, j] = log_softmax[j](z[i, j])
    let lc[i, j] = log_softmax[i](z[i, j])
    let loss = -0.5 * (mean[i](lr[i, i]) + mean[i](lc[i, i]))
    let dz[i, j] = (0.5 * (softmax[j](z[i, j]) + softmax[i](z[i, j])) - f32(i == j)) / N
    let da[i, d] = s * sum[j](dz[i, j] * b[j, d])
    let db[j, d] = s * sum[i](dz[i, j] * a[i, d])
    (loss, da, db, sum[i, j](dz[i, j] * z[i, j]) / s)
}
fn embedded(y: f32[N, D], p: f32[N, N]) -> (f32, f32[N, D]) {
    let near[i, j] = 1 / (1 + sum[d]((y[i, d] - y[j, d]) ^ 2))
    let all = sum[i, j | i != j](near[i, j])
    let q[i, j] = near[i, j] / all
    let loss = sum[i, j | i != j](p[i, j] * log(p[i, j] / q[i, j]))
    let g[i, d] = 4 * sum[j | j != i]((p[i, j] - q[i, j]) * near[i, j] * (y[i, d] - y[j, d]))
    (loss, g)
}
fn preferred(x: f32[B, T, D], w: f32[V, D], r: f32[B], y: i32[B, T]) -> (f32[B, T, D], f32[V, D]) {
    let z[b, t, v] = sum[d](x[b, t, d] * w[v, d])
    let lp[b, t, v] = log_softmax[v](z[b, t, v])
    let s[b] = sum[t](lp[b, t, y[b, t]])
    let c[b] = -sigmoid(r[b] - s[b] / T)
    let dz[b, t, v] = c[b] * (f32(v == int(y[b, t])) - exp(lp[b, t, v]))
    let dx[b, t, d] = sum[v](dz[b, t, v] * w[v, d])
    let dw[v, d] = sum[b, t](dz[b, t, v] * x[b, t, d])
    (dx, dw)
}

let q[h: 2, i: 40, d: 5] = f32((h * 7 + d * 3 + i * 5) % 23) * 0.1 - 1.0
let k[h: 2, j: 300, d: 5] = f32((h * 5 + d * 13 + j * 2) % 17) / 9.0 - 1.0
let v[h: 2, j: 300, d: 5] = f32((h * 5 + d * 13 + j * 7) % 19) / 9.0 - 1.0
let g[h: 2, i: 40, d: 5] = f32((h * 3 + d * 11 + i * 7) % 19) / 9.0 - 1.0
let (dq, dk, dv) = backward(q, k, v, g)
print(dq[1, 30], norm(dq))
print(dk[1, 290], norm(dk))
print(dv[1, 290], norm(dv))
let (dq1, dk1, dv1) = features_first(features_before(q), features_before(k), features_before(v), features_before(g))
print(norm(dq1 - features_before(dq)), norm(dk1 - features_before(dk)), norm(dv1 - features_before(dv)))
let (dq2, dk2, dv2) = heads_last(heads_behind(q), heads_behind(k), heads_behind(v), heads_behind(g))
print(norm(dq2 - heads_behind(dq)), norm(dk2 - heads_behind(dk)), norm(dv2 - heads_behind(dv)))
let (dq3, dk3, dv3) = heads_in_rows(in_rows(q), in_rows(k), in_rows(v), in_rows(g))
print(norm(dq3 - in_rows(dq)) < 1e-6, norm(dk3 - in_rows(dk)) < 1e-6, norm(dv3 - in_rows(dv)) < 1e-6)
let (o, to) = forward(q[0], k[0], v[0], g[0], v[1])
print(o[20], to[20], norm(to))
let (dslope, ds) = slopes(k, k, v, k * v, [0.1, 0.0])
print(dslope, ds[0, 200], norm(ds))
let (sq, sk, sb) = sink(q, k, v, g, [0.5, -1.0])
print(sq[1, 30], norm(sq), sk[1, 290], norm(sk), sb)
let (loss, da, db, dt) = contrast(k[0], v[0], 0.7)
print(loss, da[200], norm(da), db[299], norm(db), dt)
let (far, de) = embedded(k[0], exp(v[0] @ v[1].T))
print(far, de[200], norm(de))
let word[b: 2, t: 40] = i32((b * 7 + t * 11) % 300)
let (px, pw) = preferred(q, k[1], [-5.7, -5.9], word)
print(px[1, 39], norm(px), pw[299], norm(pw))
# No word, but no token either: no label fails. Then one does.
let (nx, nw) = preferred(q[:, :0], k[1, :0], [-5.7, -5.9], word[:, :0])
print(len(nx), len(nw))
let (fx, _) = preferred(q, k[1, :290], [-5.7, -5.9], word)
print(norm(fx))
# > [-0.005527, -0.001645, 0.00157, -0.0007478, 0.0005768] 0.05262
# > [0.0008266, -0.0003834, -0.001612, 0.002518, -0.007345] 0.136
# > [0.0011, -0.0005915, 0.003637, 0.001101, -0.001053] 0.1818
# > 0.0 0.0 0.0
# > 0.0 0.0 0.0
# > true true true
# > [-0.004357, 0.001292, 0.0005917, -0.009312, 0.007508] [0.003731, -0.002963, 0.01002, -0.007472, -0.01025] 0.1428
# > [-138.8, -94.21] [0.0121, 0.06942, 0.0184, -0.06655, 0.004745] 2.087
# > [-0.01188, -0.002831, -0.0006216, -0.00215, 0.008887] 0.131 [0.002735, 0.0005585, -0.0008951, 0.005838, -0.02173] 0.3405 [-0.0002518, -9.052e-06]
# > 5.862 [-0.0004713, 0.000382, 0.001397, -0.0006333, 0.000292] 0.05805 [0.001297, -0.001654, -0.001037, -0.0003922, 0.001149] 0.05177 0.455
# > 2.249e+06 [25.8, -134.2, -346.6, 276.1, 67.1] 1.085e+04
# > [0.3397, 0.5172, -0.4174, -0.2825, 0.1496] 5.799 [-0.005255, -0.02676, -0.01359, 0.02116, 0.03883] 6.961
# > 2 0
# status: 1
# stderr: streams_backward.ml:106:32: error[E0701]: subscript 297 is outside an axis of size 290
