## Sums over the rows of scores: late interaction, log-probabilities and entropies of sequences, the nearest of two clouds.
fn late(q: f32[B, N, D], c: f32[C, M, D], len: i32[C]) -> f32[B, C] {
    let s[x, y, i, j] = sum[d](q[x, i, d] * c[y, j, d])
    out[x, y] = sum[i](max[j | j < len[y]](s[x, y, i, j]))
}
fn sequences(x: f32[B, T, D], w: f32[V, D], y: i32[B, T], len: i32[B]) -> f32[B] where V >= 1 {
    let z[b, t, v] = sum[d](x[b, t, d] * w[v, d])
    out[b] = sum[t | t < len[b]](z[b, t, y[b, t]] - logsumexp[v](z[b, t, v])) / f32(max(len[b], 1))
}
fn perplexity(x: f32[B, T, D], w: f32[V, D], y: i32[B, T]) -> (f32[B], f32[B]) where V >= 1 {
    let z[b, t, v] = sum[d](x[b, t, d] * w[v, d])
    let lp[b, t, v] = log_softmax[v](z[b, t, v])
    let likely[b] = exp(-mean[t](lp[b, t, y[b, t]]))
    let spread[b] = mean[t](-sum[v](exp(lp[b, t, v]) * lp[b, t, v]))
    (likely, spread)
}
fn chamfer(a: f32[B, N, D], c: f32[B, M, D]) -> f32[B] where N >= 1, M >= 1 {
    let aa[b, i] = sum[d](a[b, i, d] ^ 2)
    let cc[b, j] = sum[d](c[b, j, d] ^ 2)
    let far[b, i, j] = aa[b, i] + cc[b, j] - 2 * sum[d](a[b, i, d] * c[b, j, d])
    out[b] = mean[i](min[j](far[b, i, j])) + mean[j](min[i](far[b, i, j]))
}
fn pairs(q: f32[B, N, H, D], k: f32[B, N, H, D]) -> f32[H] {
    let p[b, h, i, j] = sigmoid(sum[d](q[b, i, h, d] * k[b, j, h, d]))
    out[h] = sum[b, i, j | j <= i](p[b, h, i, j] * (1 - p[b, h, i, j]))
}
## Products of a row's and a place's vectors in no pass: the sum is in its own order.
fn farthest(x: f32[B, T, D]) -> i64[B] {
    let s[b, i, j] = sum[d](x[b, i, d] * x[b, j, d])
    out[b] = count[i, j](s[b, i, j] > 0.9)
}
fn clusters(x: f32[N, D], head: f32[V1 + 1, D], tail: f32[V2, D], y: i32[N]) -> f32 where N >= 1, V1 >= 1, V2 >= 1 {
    let zh[n, c: V1 + 1] = sum[d](x[n, d] * head[c, d])
    let zt[n, c] = sum[d](x[n, d] * tail[c, d])
    let lh[n] = logsumexp[c: V1 + 1](zh[n, c])
    let lt[n] = logsumexp[c](zt[n, c])
    mean[n](if y[n] < V1 { lh[n] - zh[n, clip(y[n], 0, V1)] } else { lh[n] - zh[n, V1] + lt[n] - zt[n, clip(y[n] - V1, 0, V2 - 1)] })
}
fn levels(x: f32[T, D], w: f32[V, D], u: f32[U, D], y: i32[T], z: i32[T]) -> f32[T] where V >= 1, U >= 1 {
    let a[t, c] = log_softmax[c](sum[d](x[t, d] * w[c, d]))
    let b[t, c] = log_softmax[c](sum[d](x[t, d] * u[c, d]))
    out[t] = a[t, y[t]] + b[t, z[t]]
}
## The best document of each query, by sums of maxima.
fn found(q: f32[Q, T, D], x: f32[N, S, D], len: i32[N], asks: bool[Q, T]) -> (f32[Q, N], i64[Q]) {
    let s[a, n, t, r] = sum[d](q[a, t, d] * x[n, r, d])
    let best[a, n, t] = max[r | r < len[n]](s[a, n, t, r])
    let score[a, n] = sum[t | asks[a, t]](best[a, n, t])
    let top[a] = argmax[n](score[a, n])
    (score, top)
}
fn wave(a: int, b: int) -> f32 = sin(f32(a * 7 + b * 13) / 5)

let q[b: 3, n: 7, d: 5] = wave(b + 3 * n, d)
let c[b: 70, n: 9, d: 5] = wave(b - n, 2 * d)
let len[b: 70] = i32(b % 10)
let l = late(q, c, len)
print(l[2, :4], sum(l[:, 1:10]), late(q[1:2], c[69:], len[69:])[0, 0] - l[1, 69])
let x[b: 3, t: 40, d: 4] = wave(t - b, d)
let w[r: 300, d: 4] = wave(r, d)
let y[b: 3, t: 40] = i32((b * 31 + t * 7) % 300)
print(sequences(x, w, y, i32([40, 0, 3])))
let (a, e) = perplexity(x, w, y)
print(a, e)
let h[b: 2, n: 70, g: 3, d: 5] = wave(n + b, g + 2 * d)
print(pairs(h, h), farthest(x))
let label[t: 40] = i32(t * 7 % 300)
print(clusters(x[0], w[:90], w[90:], label), levels(x[1], w[:50], w, label % 50, label)[35:])
print(chamfer(x, zeros(3, 50, 4)))
let asks[b: 3, n: 7] = (b + n) % 3 != 0
let (score, top) = found(q, c, len, asks)
print(top, score[1, 3:8], sum(score[:, 1:10]))
# > [-inf, 0.1501, 1.006, 2.185] 63.58 0.0
# > [-6.527, 0.0, -6.856]
# > [683.4, 770.5, 789.5] [5.123, 5.116, 5.122]
# > [699.4, 700.0, 698.8] [554, 566, 560]
# > 9.573 [-10.69, -14.92, -9.351, -9.435, -14.71]
# > [3.187, 3.208, 3.187]
# > [4, 6, 36] [2.021, 2.021, 2.021, 2.235, 2.235] 40.68
