# Gradients of keys and values that heads share, over more places than a block has: heads by a subscript, of whole groups or of those that `//` gives, have the bits of heads as an axis.
fn by_subscript(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D], g: f32[H, T, D]) -> (f32[G, S, D], f32[G, S, D]) {
    let p[h, i, j] = softmax[j | j <= i + S - T](sum[d](q[h, i, d] * k[h // (H / G), j, d]) / sqrt(D))
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h // (H / G), j, d])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i]) / sqrt(D)
    let dv[n: G, j, d] = sum[r: H / G, i: T](p[n * (H / G) + r, i, j] * g[n * (H / G) + r, i, d])
    let dk[n: G, j, d] = sum[r: H / G, i: T](ds[n * (H / G) + r, i, j] * q[n * (H / G) + r, i, d])
    (dk, dv)
}
fn by_quotient(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D], g: f32[H, T, D]) -> (f32[G, S, D], f32[G, S, D]) where G >= 1, H >= G {
    let p[h, i, j] = softmax[j | j <= i + S - T](sum[d](q[h, i, d] * k[min(h // (H // G), G - 1), j, d]) / sqrt(D))
    let dp[h, i, j] = sum[d](g[h, i, d] * v[min(h // (H // G), G - 1), j, d])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i]) / sqrt(D)
    let dv[n: G, j, d] = sum[r: H // G, i: T](p[n * (H // G) + r, i, j] * g[n * (H // G) + r, i, d])
    let dk[n: G, j, d] = sum[r: H // G, i: T](ds[n * (H // G) + r, i, j] * q[n * (H // G) + r, i, d])
    (dk, dv)
}
fn by_guard(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D], g: f32[H, T, D]) -> (f32[G, S, D], f32[G, S, D]) {
    let p[h, i, j] = softmax[j | j <= i + S - T](sum[d](q[h, i, d] * k[h // (H / G), j, d]) / sqrt(D))
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h // (H / G), j, d])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i]) / sqrt(D)
    let dv[n: G, j, d] = sum[h, i | h // (H / G) == n](p[h, i, j] * g[h, i, d])
    let dk[n: G, j, d] = sum[h, i | h // (H / G) == n](ds[h, i, j] * q[h, i, d])
    (dk, dv)
}
fn by_axis(q: f32[G, R, T, D], k: f32[G, S, D], v: f32[G, S, D], g: f32[G, R, T, D]) -> (f32[G, S, D], f32[G, S, D]) {
    let p[n, r, i, j] = softmax[j | j <= i + S - T](sum[d](q[n, r, i, d] * k[n, j, d]) / sqrt(D))
    let dp[n, r, i, j] = sum[d](g[n, r, i, d] * v[n, j, d])
    let delta[n, r, i] = sum[j](p[n, r, i, j] * dp[n, r, i, j])
    let ds[n, r, i, j] = p[n, r, i, j] * (dp[n, r, i, j] - delta[n, r, i]) / sqrt(D)
    let dv[n, j, d] = sum[r, i](p[n, r, i, j] * g[n, r, i, d])
    let dk[n, j, d] = sum[r, i](ds[n, r, i, j] * q[n, r, i, d])
    (dk, dv)
}
# Rows of a picture by a subscript of two axes, and heads of which the first of each group is another one's.
fn rows(q: f32[Y, X, D], k: f32[S, D], B: int) -> f32[Y / B, S, D] where B >= 1 {
    let p[y, x, j] = softmax[j](sum[d](q[y, x, d] * k[j, d]))
    out[b: Y / B, j, d] = sum[r: B, x: X](p[b * B + r, x, j] * q[b * B + r, x, d])
}
fn overlapping(q: f32[H, T, D], k: f32[S, D]) -> f32[H - 2, S, D] where H >= 2 {
    let p[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[j, d]))
    out[n: H - 2, j, d] = sum[r: 3, i: T](p[n + r, i, j] * q[n + r, i, d])
}

let q[h: 6, i: 90, d: 5] = f32((h * 7 + d * 3 + i * 5) % 23) * 0.1 - 1.0
let g[h: 6, i: 90, d: 5] = f32((h * 3 + d * 11 + i * 7) % 19) / 9.0 - 1.0
let k[h: 2, j: 262, d: 5] = f32((h * 5 + d * 13 + j * 2) % 17) / 9.0 - 1.0
let v[h: 2, j: 262, d: 5] = f32((h * 5 + d * 13 + j * 7) % 19) / 9.0 - 1.0
let qa[n: 2, r: 3, i: 90, d: 5] = q[n * 3 + r, i, d]
let ga[n: 2, r: 3, i: 90, d: 5] = g[n * 3 + r, i, d]
let (dk, dv) = by_subscript(q, k, v, g)
let (ek, ev) = by_quotient(q, k, v, g)
let (ak, av) = by_axis(qa, k, v, ga)
print(dk[1, 260], norm(dk), dv[1, 260], norm(dv))
print(norm(dk - ak), norm(dv - av), norm(ek - ak), norm(ev - av))
# Under a guard the order is another one where nothing makes passes.
let (gk, gv) = by_guard(q, k, v, g)
print(norm(gk - ak) < 1e-6, norm(gv - av) < 1e-6)
# Of five heads and two groups the last head is nobody's; it reads the last group's keys, and adds to no gradient.
let (fk, fv) = by_quotient(q[:5], k, v, g[:5])
print(fk[1, 260], norm(fk), norm(fv))
print(rows(q, k[0], 3)[1, 261], norm(rows(q, k[0], 2)), overlapping(q, k[1])[3, 261])
# long
# > [0.000941, 0.0008385, 0.001825, 0.001992, 0.002047] 0.4257 [-0.004602, 0.001929, -0.003211, 0.001242, 0.004232] 0.3493
# > 0.0 0.0 0.0 0.0
# > true true
# > [-0.001131, -0.003194, 0.004065, 0.003692, 0.003318] 0.3741 0.3365
# > [0.3666, 0.03958, -0.2424, -0.179, 0.08116] 10.92 [0.02402, 0.2241, 0.2379, 0.01665, -0.1097]
