## What a row gives beside its result (a log-sum-exp, whether a guess is right), and what is made of a result (a gate, then a layer).
fn flash(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, E]) -> (f32[H, T, E], f32[H, T]) {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let z[h, i] = logsumexp[j | j <= i](s[h, i, j])
    let o[h, i, e] = sum[j | j <= i](exp(s[h, i, j] - z[h, i]) * v[h, j, e])
    (o, z)
}
fn chosen(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, E]) -> f32[H, T, E] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let z[h, i] = logsumexp[j | j <= i](s[h, i, j])
    out[h, i, e] = sum[j](if j <= i { exp(s[h, i, j] - z[h, i]) * v[h, j, e] } else { 0.0 })
}
fn gated(q: f32[B, N, H, D], k: f32[B, N, H, D], v: f32[B, N, H, D], gate: f32[B, N, H], wo: f32[H, D, M]) -> f32[B, N, M] {
    let s[b, h, i, j] = sum[d](q[b, i, h, d] * k[b, j, h, d]) / sqrt(D)
    let p[b, h, i, j] = softmax[j | j <= i](s[b, h, i, j])
    let o[b, i, h, d] = sum[j](p[b, h, i, j] * v[b, j, h, d]) * sigmoid(gate[b, i, h])
    out[b, i, m] = sum[h, d](o[b, i, h, d] * wo[h, d, m])
}
fn counted(x: f32[B, T, D], w: f32[V, D], y: i32[B, T]) -> (f32, f32) where V >= 1 {
    let z[b, t, v] = sum[d](x[b, t, d] * w[v, d])
    let n = max(count[b, t](y[b, t] >= 0), 1)
    let nll = sum[b, t | y[b, t] >= 0](logsumexp[v](z[b, t, v]) - z[b, t, max(y[b, t], 0)]) / n
    let hit = count[b, t | y[b, t] >= 0](argmax[v](z[b, t, v]) == y[b, t])
    (nll, f32(hit) / f32(n))
}
fn wave(a: int, b: int) -> f32 = sin(f32(a * 7 + b * 13) / 5)

let q[h: 2, i: 70, d: 5] = wave(h + 3 * i, d)
let k[h: 2, j: 300, d: 5] = wave(j - h, 2 * d)
let v[h: 2, j: 300, e: 3] = wave(3 * j + h, e)
let (o, z) = flash(q, k, v)
print(o[1, 69], o[0, 0], z[:, 69], sum(o), sum(z))
let c = chosen(q, k, v)
print(c[1, 69], sum(c))
let none: f32[2, 0, 5] = 0
let (o0, z0) = flash(q, none, v[:, :0])
print(o0[1, 2], z0[0, 0])
let x[b: 2, n: 70, h: 2, d: 5] = wave(n + b, h + 2 * d)
let gate[b: 2, n: 70, h: 2] = wave(n, b + h)
let wo[h: 2, d: 5, m: 3] = wave(h + d, m)
let g = gated(x, x, x, gate, wo)
print(g[1, 69], sum(g))
let w[r: 300, d: 3] = wave(r, d)
let y[b: 2, t: 70] = i32((b * 31 + t * 7) % 301 - 1)
let u[b: 2, t: 70, d: 3] = wave(t - b, d)
print(counted(u, w, y), counted(u[:, :0], w, y[:, :0]))
# > [0.007897, -0.0131, 0.01456] [0.0, 0.5155, -0.8835] [4.323, 4.286] -0.6855 467.3
# > [0.007897, -0.0131, 0.01456] -0.6855
# > [0.0, 0.0, 0.0] -inf
# > [0.3353, -0.04131, -0.2645] 1.244
# > (6.334, 0.007246) (0.0, 0.0)
