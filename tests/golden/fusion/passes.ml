# What no single pass over an axis can do is done in passes one after the other, each of which computes the scores again: no tensor of
# rows x places is stored. An entropy as it is written: the logarithm needs the whole sum.
export fn entropy(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> (f32[T, E], f32[T]) {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(D)
    let p[i, j] = softmax[j | j <= i](s[i, j])
    let o[i, e] = sum[j](p[i, j] * v[j, e])
    let h[i] = -sum[j | j <= i](p[i, j] * log(p[i, j]))
    (o, h)
}
# > entropy (passes.ml:3:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)
# >       loops: stream[j: S within bounds] (max, sum)
# >       loops: stream[j: S within bounds] (sum)

# A guard that needs a maximum of the weights.
export fn min_p(q: f32[T, D], k: f32[S, D], v: f32[S, E], least: f32) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(D)
    let p[i, j] = softmax[j](s[i, j])
    let m[i] = max[j](p[i, j])
    let r[i, j] = softmax[j | p[i, j] >= least * m[i]](s[i, j])
    out[i, e] = sum[j](r[i, j] * v[j, e])
}
# > min_p (passes.ml:16:1)
# >       loops: stream[j: S] (max, sum)
# >       loops: stream[j: S] (max)
# >       loops: stream[j: S] (max, sum, sum)

# Weights that are dropped by a choice, or by the guard of the sum alone: one pass.
export fn dropped(q: f32[T, D], k: f32[S, D], v: f32[S, E], key: Key, rate: f32) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(D)
    let p[i, j] = softmax[j | j <= i](s[i, j])
    let u[i: T, j: S] ~ uniform(0, 1, key: key)
    out[i, e] = sum[j | j <= i](if u[i, j] < rate { 0.0 } else { p[i, j] / (1 - rate) } * v[j, e])
}
# > dropped (passes.ml:29:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)
export fn kept(q: f32[T, D], k: f32[S, D], v: f32[S, E], key: Key, rate: f32) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(D)
    let p[i, j] = softmax[j | j <= i](s[i, j])
    let keep[i: T, j: S] ~ bernoulli(1 - rate, key: key)
    out[i, e] = sum[j | keep[i, j]](p[i, j] * v[j, e]) / (1 - rate)
}
# > kept (passes.ml:37:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)

# Mean and deviation of the scores, before the softmax of what they scale.
export fn scaled(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let m[i] = mean[j](s[i, j])
    let p[i, j] = softmax[j]((s[i, j] - m[i]) / sqrt(variance[j](s[i, j]) + 1e-5))
    out[i, e] = sum[j](p[i, j] * v[j, e])
}
# > scaled (passes.ml:47:1)
# >       loops: stream[j: S] (sum)
# >       loops: stream[j: S] (sum)
# >       loops: stream[j: S] (max, sum, sum)

# How much each key is looked at: sums of columns, of weights that sums of rows divide.
export fn looked_at(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> (f32[T, E], f32[S]) {
    let p = softmax(q @ k.T / sqrt(D), axis: 1)
    (p @ v, sum(p, axis: 0))
}
# > looked_at (passes.ml:59:1)
# never: f32[T, S] stored

# Losses: a divergence from the mean of two, beside one another what is told of a row, rows and columns, all pairs.
export fn jensen_shannon(x: f32[T, D], w: f32[V, D], x2: f32[T, D], w2: f32[V, D]) -> f32[T] {
    let p[t, v] = softmax[v](sum[d](x[t, d] * w[v, d]))
    let q[t, v] = softmax[v](sum[d](x2[t, d] * w2[v, d]))
    let m[t, v] = (p[t, v] + q[t, v]) / 2
    out[t] = sum[v](p[t, v] * log(p[t, v] / m[t, v]) + q[t, v] * log(q[t, v] / m[t, v])) / 2
}
# > jensen_shannon (passes.ml:67:1)
# >       loops: stream[v: V] (max, sum, max, sum)
# >       loops: stream[v: V] (sum, sum)
export fn told(x: f32[T, D], w: f32[V, D], y: i32[T]) -> (f32, f32, f32) where T >= 1 {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    let lp[t, v] = log_softmax[v](z[t, v])
    let better[t] = count[v](z[t, v] > z[t, y[t]])
    let right[t] = if argmax[v](z[t, v]) == y[t] { 1.0 } else { 0.0 }
    (-mean[t](lp[t, y[t]]), mean[t](right[t]), mean[t](if better[t] < 5 { 1.0 } else { 0.0 }))
}
# > told (passes.ml:76:1)
# >       loops: stream[v: V] (max, argmax)
# never: f32[T, V] stored
export fn contrastive(a: f32[N, D], b: f32[N, D], heat: f32) -> f32 where N >= 1 {
    let s[i, j] = sum[d](a[i, d] * b[j, d]) / heat
    let rows[i, j] = log_softmax[j](s[i, j])
    let columns[i, j] = log_softmax[i](s[i, j])
    -(mean[i](rows[i, i]) + mean[i](columns[i, i])) / 2
}
# > contrastive (passes.ml:86:1)
export fn all_pairs(a: f32[N, D], b: f32[N, D], scale: f32, bias: f32) -> f32 where N >= 1 {
    let s[i, j] = scale * sum[d](a[i, d] * b[j, d]) + bias
    let l[i, j] = if i == j { log_sigmoid(s[i, j]) } else { log_sigmoid(-s[i, j]) }
    -sum[i, j](l[i, j]) / N
}
# > all_pairs (passes.ml:93:1)
# >       loops: stream[j: N] (sum)
export fn hardest(a: f32[N, D], y: i32[N]) -> f32 where N >= 1 {
    let far[i, j] = sum[e]((a[i, e] - a[j, e]) ^ 2)
    let alike[i] = max[j | y[i] == y[j]](far[i, j])
    let other[i] = min[j | y[i] != y[j]](far[i, j])
    mean[i](relu(sqrt(alike[i]) - sqrt(other[i]) + 0.2))
}
# > hardest (passes.ml:100:1)
# >       loops: stream[j: N] (max, min)
# Of rows of length 1; the diagonal as a sum of its own is computed there.
export fn aligned(a: f32[N, D], b: f32[N, D], scale: f32) -> f32 where N >= 1 {
    let x[i, d] = a[i, d] / sqrt(sum[e: D](a[i, e] ^ 2))
    let y[i, d] = b[i, d] / sqrt(sum[e: D](b[i, e] ^ 2))
    let s[i, j] = exp(scale) * sum[d](x[i, d] * y[j, d])
    let rows[i, j] = log_softmax[j](s[i, j])
    let columns[i, j] = log_softmax[i](s[i, j])
    -0.5 * (mean[i](rows[i, i]) + mean[i](columns[i, i]))
}
# > aligned (passes.ml:109:1)
# >       loops: contract[d: D] (sum), then stream[j: N] (max, sum)
# >       loops: contract[d: D] (sum), then stream[i: N] (max, sum)
export fn aligned_apart(a: f32[N, D], b: f32[N, D], scale: f32) -> f32 where N >= 1 {
    let x[i, d] = a[i, d] / sqrt(sum[e: D](a[i, e] ^ 2))
    let y[i, d] = b[i, d] / sqrt(sum[e: D](b[i, e] ^ 2))
    let s[i, j] = scale * sum[d](x[i, d] * y[j, d])
    -mean[i](s[i, i]) + 0.5 * mean[i](logsumexp[j](s[i, j])) + 0.5 * mean[j](logsumexp[i](s[i, j]))
}
# > aligned_apart (passes.ml:120:1)
# >       loops: contract[d: D] (sum)
# >       loops: stream[j: N] (max, sum)
# >       loops: stream[i: N] (max, sum)
# never: f32[N, N] stored

# A kernel that costs little, divided by its own sum and read in two ways (t-SNE, its loss and gradient): computed again in each pass.
export fn embedded(y: f32[N, D], p: f32[N, N]) -> (f32, f32[N, D]) {
    let near[i, j] = 1 / (1 + sum[d]((y[i, d] - y[j, d]) ^ 2))
    let all = sum[i, j | i != j](near[i, j])
    let q[i, j] = near[i, j] / all
    let loss = sum[i, j | i != j](p[i, j] * log(p[i, j] / q[i, j]))
    let g[i, d] = 4 * sum[j | j != i]((p[i, j] - q[i, j]) * near[i, j] * (y[i, d] - y[j, d]))
    (loss, g)
}
# > embedded (passes.ml:133:1)
# >   passes.ml:135:15: f32[N] stored: a pass of its own
# >       loops: stream[j: N] (sum)
# >   passes.ml:137:16: f32[N] stored: a pass of its own
# >       loops: stream[j: N] (sum)
# >   passes.ml:138:5: g: f32[N, D] stored: a result
# >       loops: stream[j: N] (sum)
