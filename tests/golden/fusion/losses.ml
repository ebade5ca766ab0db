# Losses over a vocabulary: the logits, T x V of them, are never stored.
export fn smoothed(x: f32[T, D], w: f32[V, D], y: i32[T], eps: f32) -> f32 where T >= 1 {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    let lp[t, v] = log_softmax[v](z[t, v])
    let l[t] = -(1 - eps) * lp[t, y[t]] - eps * mean[v](lp[t, v])
    mean[t](l[t])
}
# > smoothed (losses.ml:2:1)
# >       loops: contract[d: D] (sum), then stream[v: V] (max, sum, sum, sum)

export fn margin(x: f32[T, D], w: f32[V, D], y: i32[T]) -> f32[T] {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    out[t] = relu(1 + max[v | v != y[t]](z[t, v]) - z[t, y[t]])
}
# > margin (losses.ml:11:1)
# >       loops: stream[v: V] (max), then contract[d: D] (sum)

export fn distilled(x: f32[T, D], w: f32[V, D], x2: f32[T, D], w2: f32[V, D]) -> f32[T] {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    let z2[t, v] = sum[d](x2[t, d] * w2[v, d])
    let lp[t, v] = log_softmax[v](z[t, v])
    let lq[t, v] = log_softmax[v](z2[t, v])
    out[t] = sum[v](exp(lq[t, v]) * (lq[t, v] - lp[t, v]))
}
# > distilled (losses.ml:18:1)
# >       loops: stream[v: V] (max, sum, max, sum, sum)
# The most likely word: neither are they for its index.
export fn greedy(x: f32[T, D], w: f32[V, D]) -> i32[T] {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    out[t] = i32(argmax[v](z[t, v]))
}
# > greedy (losses.ml:28:1)
# >       loops: stream[v: V] (max, argmax)
# never: f32[T, V] stored

# Logits that are given: of each row one element is asked for, so the others are not computed.
export fn given(z: f32[T, V], y: i32[T]) -> f32 where T >= 1 {
    let lp[t, v] = log_softmax[v](z[t, v])
    mean[t](-lp[t, y[t]])
}
# > given (losses.ml:37:1)
# >       loops: lanes[v: V] (max), then lanes[v: V] (sum)
# never: f32[T, V] stored

export fn given_masked(z: f32[B, T, V], y: i32[B, T], len: i32[B]) -> f32 {
    let lp[b, t, v] = log_softmax[v](z[b, t, v])
    -sum[b, t | t < len[b]](lp[b, t, y[b, t]]) / max(1, sum[b](len[b]))
}
# > given_masked (losses.ml:45:1)
# >       loops: lanes[v: V] (max)
# never: f32[B, T, V] stored

# Of each sequence the sum over its tokens: what a token needs of its logits is a pass, not a loop within a loop over stored logits.
export fn of_sequences(x: f32[B, T, D], w: f32[V, D], y: i32[B, T], old: f32[B, T], worth: f32[B], len: i32[B]) -> f32 where B >= 1 {
    let lp = log_softmax(x @ w.T, axis: -1)
    let a[b, t] = lp[b, t, y[b, t]]
    let ratio[b, t] = exp(a[b, t] - old[b, t])
    let l[b, t] = -min(ratio[b, t] * worth[b], clip(ratio[b, t], 0.8, 1.2) * worth[b])
    mean[b](sum[t | t < len[b]](l[b, t]) / len[b])
}
# > of_sequences (losses.ml:54:1)
# >       loops: contract[i: D] (sum), then stream[i: V] (max, sum)

# All pairs of rows that are normed before: of these products, too, no pair is stored.
export fn paired(a: f32[N, D], b: f32[N, D], heat: f32, bias: f32) -> f32 where N >= 1 {
    let x[i, d] = a[i, d] * rsqrt(sum[e](a[i, e] ^ 2))
    let y[i, d] = b[i, d] * rsqrt(sum[e](b[i, e] ^ 2))
    let z[i, j] = sum[d](x[i, d] * y[j, d]) * exp(heat) + bias
    -sum[i, j](log_sigmoid(if i == j { z[i, j] } else { -z[i, j] })) / N
}
# > paired (losses.ml:65:1)
# >       loops: stream[j: N] (sum)
# never: f32[N, N] stored

# A policy loss over sequences, how often it is clipped and an entropy: means over two axes, one kernel over the vocabulary.
export fn policy(h: f32[B, T, D], w: f32[V, D], y: i32[B, T], old: f32[B, T], gain: f32[B, T]) -> (f32, f32, f32) where B >= 1, T >= 1 {
    let lp[b, t, v] = log_softmax[v](sum[d](h[b, t, d] * w[v, d]))
    let entropy[b, t] = -sum[v](exp(lp[b, t, v]) * lp[b, t, v])
    let r[b, t] = exp(lp[b, t, y[b, t]] - old[b, t])
    let clipped = mean[b, t](if abs(r[b, t] - 1) > 0.2 { 1.0 } else { 0.0 })
    (mean[b, t](-min(r[b, t] * gain[b, t], clip(r[b, t], 0.8, 1.2) * gain[b, t])), clipped, mean(entropy))
}
# > policy (losses.ml:76:1)
# >       loops: stream[v: V] (max, sum, sum)
# >   threads: 8 kernels in 3 regions, 3 barriers within them
# never: f32[B, T, V] stored

# A loss over rows of one label, with their number beside it: what is counted lies within the guard of the others.
export fn alike(z: f32[N, D], y: i32[N]) -> f32[N] {
    let s[i, j] = sum[d](z[i, d] * z[j, d]) / 0.1
    let l[i] = logsumexp[j | j != i](s[i, j])
    let n[i] = count[j](y[j] == y[i] and j != i)
    out[i] = sum[j | y[j] == y[i] and j != i](s[i, j] - l[i]) / max(n[i], 1)
}
# > alike (losses.ml:89:1)
# >       loops: stream[j: N] (max, sum, sum, sum, count)

# Log-probabilities in two vocabularies: a pass each, and no logits.
export fn two_vocabularies(x: f32[T, D], u: f32[V, D], w: f32[W, D], y: i32[T], z: i32[T]) -> f32 where T >= 1 {
    let a = log_softmax(x @ u.T, axis: 1)
    let b = log_softmax(x @ w.T, axis: 1)
    -mean[t](a[t, y[t]] + b[t, z[t]])
}
# > two_vocabularies (losses.ml:99:1)
# >       loops: contract[i: D] (sum), then stream[i: V] (max, sum)
# >       loops: contract[i: D] (sum), then stream[i: W] (max, sum)
# never: f32[T, W] stored
