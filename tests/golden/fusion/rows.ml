# What a loop needs of each row is a pass, whether it has a name or not, and whoever else reads the scores.
# never: f32[B, C, N, M] stored
# never: f32[B, T, V] stored
# never: f32[B, N, M] stored
# Late interaction: the best place of a document for each token of a query.
export fn late(q: f32[B, N, D], c: f32[C, M, D], len: i32[C]) -> f32[B, C] {
    let s[x, y, i, j] = sum[d](q[x, i, d] * c[y, j, d])
    out[x, y] = sum[i](max[j | j < len[y]](s[x, y, i, j]))
}
export fn sequences(x: f32[B, T, D], w: f32[V, D], y: i32[B, T], len: i32[B]) -> f32[B] where V >= 1 {
    let z[b, t, v] = sum[d](x[b, t, d] * w[v, d])
    out[b] = sum[t | t < len[b]](z[b, t, y[b, t]] - logsumexp[v](z[b, t, v])) / f32(max(len[b], 1))
}
export fn perplexity(x: f32[B, T, D], w: f32[V, D], y: i32[B, T]) -> (f32[B], f32[B]) where V >= 1 {
    let z[b, t, v] = sum[d](x[b, t, d] * w[v, d])
    let lp[b, t, v] = log_softmax[v](z[b, t, v])
    let likely[b] = exp(-mean[t](lp[b, t, y[b, t]]))
    let spread[b] = mean[t](-sum[v](exp(lp[b, t, v]) * lp[b, t, v]))
    (likely, spread)
}
# The nearest of each row, and of each column.
export fn chamfer(a: f32[B, N, D], c: f32[B, M, D]) -> f32[B] where N >= 1, M >= 1 {
    let aa[b, i] = sum[d](a[b, i, d] ^ 2)
    let cc[b, j] = sum[d](c[b, j, d] ^ 2)
    let far[b, i, j] = aa[b, i] + cc[b, j] - 2 * sum[d](a[b, i, d] * c[b, j, d])
    out[b] = mean[i](min[j](far[b, i, j])) + mean[j](min[i](far[b, i, j]))
}
# A sum over pairs for each head: a gradient of a bias.
export fn pairs(q: f32[B, N, H, D], k: f32[B, N, H, D]) -> f32[H] {
    let p[b, h, i, j] = sigmoid(sum[d](q[b, i, h, d] * k[b, j, h, d]))
    out[h] = sum[b, i, j | j <= i](p[b, h, i, j] * (1 - p[b, h, i, j]))
}
# Two vocabularies in one element, in branches too: a pass each.
# never: lanes[c: V1 + 1]
export fn clusters(x: f32[N, D], head: f32[V1 + 1, D], tail: f32[V2, D], y: i32[N]) -> f32 where N >= 1, V1 >= 1, V2 >= 1 {
    let zh[n, c: V1 + 1] = sum[d](x[n, d] * head[c, d])
    let zt[n, c] = sum[d](x[n, d] * tail[c, d])
    let lh[n] = logsumexp[c: V1 + 1](zh[n, c])
    let lt[n] = logsumexp[c](zt[n, c])
    mean[n](if y[n] < V1 { lh[n] - zh[n, clip(y[n], 0, V1)] } else { lh[n] - zh[n, V1] + lt[n] - zt[n, clip(y[n] - V1, 0, V2 - 1)] })
}
export fn levels(x: f32[T, D], w: f32[V, D], u: f32[U, D], y: i32[T], z: i32[T]) -> f32[T] where V >= 1, U >= 1 {
    let a[t, c] = log_softmax[c](sum[d](x[t, d] * w[c, d]))
    let b[t, c] = log_softmax[c](sum[d](x[t, d] * u[c, d]))
    out[t] = a[t, y[t]] + b[t, z[t]]
}
# Scores without any name, and what is reduced of them in turn.
export fn unnamed(q: f32[B, N, D], c: f32[C, M, D], len: i32[C]) -> f32[B, C] {
    out[x, y] = sum[i](max[j | j < len[y]](sum[d](q[x, i, d] * c[y, j, d])))
}
export fn hausdorff(a: f32[N, D], c: f32[M, D]) -> f32 where N >= 1, M >= 1 {
    max[i](min[j](sum[d]((a[i, d] - c[j, d]) ^ 2)))
}
export fn densities(a: f32[N, D], c: f32[M, D]) -> f32 {
    sum[i](log(sum[j](exp(-sum[d]((a[i, d] - c[j, d]) ^ 2)))))
}
# > late (rows.ml:6:1)
# >       loops: stream[j: M within bounds] (max)
# > sequences (rows.ml:10:1)
# >       loops: stream[v: V] (max, sum)
# > perplexity (rows.ml:14:1)
# >       loops: contract[d: D] (sum), then stream[v: V] (max, sum)
# >       loops: stream[v: V] (max, sum, sum)
# > chamfer (rows.ml:22:1)
# >       loops: lanes[d: D] (sum), then stream[j: M] (min)
# >       loops: stream[i: N] (min)
# > pairs (rows.ml:29:1)
# >       loops: stream[j: N within bounds] (sum)
# > clusters (rows.ml:35:1)
# >       loops: stream[c: V1 + 1] (max, sum)
# >       loops: contract[d: D] (sum), then stream[c: V2] (max, sum)
# > levels (rows.ml:42:1)
# >       loops: contract[d: D] (sum), then stream[c: V] (max, sum)
# >       loops: contract[d: D] (sum), then stream[c: U] (max, sum)
# > unnamed (rows.ml:48:1)
# >       loops: stream[j: M within bounds] (max)
# > hausdorff (rows.ml:51:1)
# >       loops: stream[j: M] (min)
# > densities (rows.ml:54:1)
# >       loops: stream[j: M] (sum)
# What a reduction of the function reads once is computed there, also where its sums are nested and what is summed has names.
# never: e: f32[N] stored
# never: e: f32[B, N, M] stored
export fn squares(x: f32[N], y: f32[N]) -> f32 {
    let e[i] = (x[i] - y[i]) ^ 2 * 0.5 + abs(x[i])
    sum[i](e[i])
}
export fn quantiles(theta: f32[B, N], target: f32[B, M], kappa: f32) -> f32 where B >= 1, N >= 1, M >= 1 {
    let u[b, i, j] = target[b, j] - theta[b, i]
    let h[b, i, j] = if abs(u[b, i, j]) <= kappa { 0.5 * u[b, i, j] ^ 2 } else { kappa * (abs(u[b, i, j]) - 0.5 * kappa) }
    let e[b, i, j] = abs((f32(i) + 0.5) / f32(N) - (if u[b, i, j] < 0 { 1.0 } else { 0.0 })) * h[b, i, j] / kappa
    mean[b](sum[i](mean[j](e[b, i, j])))
}
# > squares (rows.ml:84:1)
# >   rows.ml:85:5: e: f32[N] recomputed where it is read: cheap arithmetic
# > quantiles (rows.ml:88:1)
# >   rows.ml:91:5: e: f32[B, N, M] recomputed where it is read: cheap arithmetic

# Softmax of numbers that are stored: their maximum is found once for a row, before the pass, not for each of its blocks; over one axis and over two.
export fn expected(x: f32[B, N], at: f32[N, D], beta: f32) -> f32[B, D] where N >= 1 {
    let p[b, n] = softmax[n](beta * x[b, n])
    out[b, d] = sum[n](p[b, n] * at[n, d])
}
export fn centre(x: f32[B, Y, X], beta: f32) -> f32[B, 2] where Y >= 1, X >= 1 {
    let p[b, y, z] = softmax[y, z](beta * x[b, y, z])
    let v[b] = sum[y, z](p[b, y, z] * f32(y))
    let h[b] = sum[y, z](p[b, y, z] * f32(z))
    out[b, c] = if c == 0 { v[b] } else { h[b] }
}
# > expected (rows.ml:100:1)
# >       loops: lanes[n: N] (max)
# >       loops: stream[n: N] (sum, sum)
# >   threads: 3 kernels in 1 region, 2 barriers within it
# > centre (rows.ml:104:1)
# >       loops: lanes[y: Y, z: X] (max)
# >       loops: stream[y: Y * X] (sum, sum, sum)
# >   threads: 3 kernels in 1 region, 2 barriers within it
# never: (max), then stream

# Sums of maxima of which another loop asks (the best document of each query): the maxima are a pass first, scores of all pairs are never stored.
export fn found(q: f32[Q, T, D], x: f32[N, S, D], len: i32[N], asks: bool[Q, T]) -> (f32[Q, N], i64[Q]) {
    let s[a, n, t, r] = sum[d](q[a, t, d] * x[n, r, d])
    let best[a, n, t] = max[r | r < len[n]](s[a, n, t, r])
    let score[a, n] = sum[t | asks[a, t]](best[a, n, t])
    let top[a] = argmax[n](score[a, n])
    (score, top)
}
# > found (rows.ml:121:1)
# >       loops: stream[r: S within bounds] (max)
# >       loops: lanes[n: N] (argmax)
