# Streams of forms that nobody has listed, over more than one block: compiled and interpreted agree.
# softmax over two axes (2-D attention: keys are a grid)
# long
export fn two_axes(q: f32[T, D], k: f32[Y, X, D], v: f32[Y, X, E]) -> f32[T, E] {
    let s[i, y, x] = sum[d](q[i, d] * k[y, x, d]) / sqrt(D)
    let p[i, y, x] = softmax[y, x](s[i, y, x])
    out[i, e] = sum[y, x](p[i, y, x] * v[y, x, e])
}
# neighbourhood 2D attention
export fn neighbours(q: f32[Y, X, D], k: f32[Y, X, D], v: f32[Y, X, E]) -> f32[Y, X, E] {
    let s[y, x, a, b] = sum[d](q[y, x, d] * k[a, b, d]) / sqrt(D)
    let p[y, x, a, b] = softmax[a, b | abs(a - y) <= 3 and abs(b - x) <= 3](s[y, x, a, b])
    out[y, x, e] = sum[a, b](p[y, x, a, b] * v[a, b, e])
}
# sigmoid attention
export fn sig(q: f32[T, D], k: f32[S, D], v: f32[S, E], bias: f32) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(D) + bias
    let p[i, j] = sigmoid(s[i, j])
    out[i, e] = sum[j | j <= i](p[i, j] * v[j, e])
}
# differential attention
export fn differential(q: f32[T, D], k: f32[S, D], q2: f32[T, D], k2: f32[S, D], v: f32[S, E], lambda: f32) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(D)
    let s2[i, j] = sum[d](q2[i, d] * k2[j, d]) / sqrt(D)
    let p[i, j] = softmax[j | j <= i](s[i, j])
    let p2[i, j] = softmax[j | j <= i](s2[i, j])
    out[i, e] = sum[j]((p[i, j] - lambda * p2[i, j]) * v[j, e])
}
# sparse gather of key blocks
export fn gathered(q: f32[T, D], k: f32[N, B, D], v: f32[N, B, E], pick: i32[T, M]) -> f32[T, E] {
    let s[i, m, b] = sum[d](q[i, d] * k[pick[i, m], b, d]) / sqrt(D)
    let p[i, m, b] = softmax[m, b](s[i, m, b])
    out[i, e] = sum[m, b](p[i, m, b] * v[pick[i, m], b, e])
}
# local + global (first G tokens)
export fn local_global(q: f32[T, D], k: f32[T, D], v: f32[T, E], W: int, G: int) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(D)
    let p[i, j] = softmax[j | j <= i and (i - j < W or j < G)](s[i, j])
    out[i, e] = sum[j](p[i, j] * v[j, e])
}
# dilated window
export fn dilated(q: f32[T, D], k: f32[T, D], v: f32[T, E], W: int, R: int) -> f32[T, E] where R >= 1 {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(D)
    let p[i, j] = softmax[j | j <= i and i - j < W * R and (i - j) % R == 0](s[i, j])
    out[i, e] = sum[j](p[i, j] * v[j, e])
}
# attention and its entropy, several readers
export fn with_entropy(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> (f32[T, E], f32[T], f32[T]) {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(D)
    let lp[i, j] = log_softmax[j](s[i, j])
    let o[i, e] = sum[j](exp(lp[i, j]) * v[j, e])
    let h[i] = -sum[j](exp(lp[i, j]) * lp[i, j])
    let l[i] = logsumexp[j](s[i, j])
    (o, h, l)
}
# label smoothed cross entropy
export fn smoothed(x: f32[T, D], w: f32[V, D], y: i32[T], eps: f32) -> f32 where T >= 1 {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    let lp[t, v] = log_softmax[v](z[t, v])
    let l[t] = -(1 - eps) * lp[t, y[t]] - eps * mean[v](lp[t, v])
    mean[t](l[t])
}
# top-1 margin
export fn margin(x: f32[T, D], w: f32[V, D], y: i32[T]) -> f32[T] {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    out[t] = relu(1 + max[v | v != y[t]](z[t, v]) - z[t, y[t]])
}
# normalised sigmoid / linear attention with feature map
export fn normalised(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> f32[T, E] {
    let w[i, j] = sum[d](relu(q[i, d]) * relu(k[j, d])) + 1e-6
    let z[i] = sum[j | j <= i](w[i, j])
    out[i, e] = sum[j | j <= i](w[i, j] * v[j, e]) / z[i]
}
# softpick
export fn softpick(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(D)
    let m[i] = max[j](s[i, j])
    let a[i, j] = exp(s[i, j] - m[i]) - exp(-m[i])
    let z[i] = sum[j](abs(a[i, j])) + 1e-6
    out[i, e] = sum[j](relu(a[i, j]) / z[i] * v[j, e])
}
fn r2(a: int, b: int, n: int) -> f32[a, b] {
    let x[i: a, j: b] ~ normal(0, 1, key: key(n))
    x
}
fn r3(a: int, b: int, c: int, n: int) -> f32[a, b, c] {
    let x[i: a, j: b, k: c] ~ normal(0, 1, key: key(n))
    x
}
let q = r2(9, 6, 1)
let k = r2(530, 6, 2)
let v = r2(530, 5, 3)
let qt = r2(530, 6, 4)
let w = r2(600, 6, 30)
let y: i32[9] = 7
let pick[i: 9, j: 3] = i32((i + 3 * j) % 9)
print(norm(two_axes(q, r3(15, 22, 6, 9), r3(15, 22, 5, 10))), norm(neighbours(r3(8, 17, 6, 8), r3(8, 17, 6, 9), r3(8, 17, 5, 10))))
print(norm(sig(qt, k, v, -1.0)), norm(differential(qt, k, r2(530, 6, 17), r2(530, 6, 18), v, 0.3)))
print(norm(gathered(q, r3(9, 106, 6, 19), r3(9, 106, 5, 20), pick)), norm(local_global(qt, k, v, 10, 4)), norm(dilated(qt, k, v, 10, 3)))
let (o, h, l) = with_entropy(q, k, v)
print(norm(o), h, l)
print(smoothed(q, w, y, 0.1), norm(margin(q, w, y)), norm(normalised(q, k, v)), norm(softpick(q, k, v)))
# > 0.6495 7.26
# > 387.8 6.75
# > 0.7697 19.35 23.56
# > 0.5476 [5.849, 5.68, 6.162, ..., 5.22, 5.805, 6.083] [6.657, 6.888, 6.387, ..., 7.497, 6.721, 6.478]
# > 10.19 29.86 3.356 0.5483
