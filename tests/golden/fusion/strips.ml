# What no stream can do is stored for a strip of rows, never for all of them.
# never: f32[H, T, S] stored
# never: f32[T, S] stored
# never: i64[H, T, S] stored
export fn largest(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] where S >= 5 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let (top, _) = topk(s, 5)
    let p[h, i, j] = softmax[j | s[h, i, j] >= top[h, i, 4]](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
export fn broken(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let l[h, i, j] = log_sigmoid(-s[h, i, j])
    rec c[h, i, j] = (c[h, i, j - 1] ?? 0.0) + l[h, i, j]
    let w[h, i, j] = exp(log_sigmoid(s[h, i, j]) + c[h, i, S - 1] - c[h, i, j])
    out[h, i, d] = sum[j](w[h, i, j] * v[h, j, d])
}
# Both results need the deviations from the other one: one pass of four would be enough for neither.
export fn spread(x: f32[T, D], w: f32[V, D]) -> (f32[T], f32[T]) {
    let l[t, c] = log_softmax[c](sum[d](x[t, d] * w[c, d]))
    let e[t] = -sum[c](exp(l[t, c]) * l[t, c])
    let v[t] = sum[c](exp(l[t, c]) * (l[t, c] + e[t]) ^ 2)
    (e, v)
}
# What may fail needs no scores: it is looked for before.
export fn looked_up(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], b: f32[H, W], at: i32[T, S]) -> f32[H, T, D] where S >= 5 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) + b[h, at[i, j]]
    let (top, _) = topk(s, 5)
    let p[h, i, j] = softmax[j | s[h, i, j] >= top[h, i, 4]](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# Blocks that each row has picked.
export fn picked(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], pick: i32[T, M]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let p[h, i, j] = softmax[j | any[m](pick[i, m] == j // 32)](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# Scores that a loop reads turn after turn, whatever it carries; thresholds that are looked for in each row.
export fn bisected(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let m[h, i] = max[j](s[h, i, j])
    var lo: f32[H, T] = m - 1.0
    var hi: f32[H, T] = m
    var n = 0
    while n < 20 {
        let t[h, i] = (lo[h, i] + hi[h, i]) / 2
        let f[h, i] = sum[j](max(s[h, i, j] - t[h, i], 0.0)) - 1.0
        let l[h, i] = if f[h, i] > 0.0 { t[h, i] } else { lo[h, i] }
        let u[h, i] = if f[h, i] > 0.0 { hi[h, i] } else { t[h, i] }
        lo = l
        hi = u
        n += 1
    }
    out[h, i, d] = sum[j](max(s[h, i, j] - lo[h, i], 0.0) * v[h, j, d])
}
fn threshold(s: f32[S]) -> f32 {
    var lo = max[j](s[j]) - 1.0
    var hi = max[j](s[j])
    while hi - lo > 1e-5 {
        let t = (lo + hi) / 2
        if sum[j](max(s[j] - t, 0.0)) > 1.0 { lo = t } else { hi = t }
    }
    lo
}
export fn searched(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let t[h, i] = threshold(s[h, i])
    out[h, i, d] = sum[j](max(s[h, i, j] - t[h, i], 0.0) * v[h, j, d])
}
# Sums by a class of each place: rows of weights, and of sums, for a strip.
export fn classes(q: f32[H, T, D], k: f32[H, S, D], c: i32[S], b: f32[M]) -> f32[H, T, M] {
    let w[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[h, j, d]))
    out[h, i, m] = sum[j | c[j] == m](w[h, i, j]) + b[m]
}
# What may fail needs the scores: it fails in the loop. Places that they order; positions that they add up to, between two of which a table is read.
export fn nearest(x: f32[T, D], y: f32[V, D], v: f32[W, E]) -> f32[T, E] where V >= 5 {
    let (_, at) = sort(x @ y.T, axis: 1)
    out[t, e] = mean[n: 5](v[at[t, n], e])
}
export fn contextual(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], e: f32[W, D]) -> f32[H, T, D] where W >= 1 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let gate[h, i, j] = sigmoid(s[h, i, j])
    let at[h, i, j: S] = min(sum[m | m >= j and m <= i + S - T](gate[h, i, m]), f32(W - 1))
    let z[h, i, n] = sum[d](q[h, i, d] * e[n, d])
    let part[h, i, j] = at[h, i, j] - floor(at[h, i, j])
    let b[h, i, j] = z[h, i, int(ceil(at[h, i, j]))] * part[h, i, j] + z[h, i, int(floor(at[h, i, j]))] * (1 - part[h, i, j])
    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j] + b[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# Words that each row has seen, counted by key; the best share of them, sorted and summed up.
export fn seen(x: f32[T, D], w: f32[V, D], at: i32[T, N]) -> f32[T] {
    let c[t, v: V] = count[n | at[t, n] == v](true)
    let l[t, v] = log_softmax[v](sum[d](x[t, d] * w[v, d]) - f32(c[t, v]))
    out[t] = max[v](l[t, v])
}
fn share(s: f32[S], most: f32) -> f32[S] where S >= 1 {
    let (o, _) = sort(s, descending: true)
    let e[j] = exp(o[j] - o[0])
    let z = sum[j](e[j])
    rec c[j] = (c[j - 1] ?? 0.0) + e[j] / z
    let n = count[j](c[j] < most)
    let t = o[min(n, S - 1)]
    let w[j] = if s[j] >= t { exp(s[j] - o[0]) } else { 0.0 }
    w
}
export fn shares(x: f32[T, D], k: f32[S, D], v: f32[S, D]) -> f32[T, D] where S >= 1 {
    let s[t, j] = sum[d](x[t, d] * k[j, d])
    let w[t] = share(s[t], 0.9)
    out[t, d] = sum[j](w[t, j] * v[j, d])
}
# A softmax in a function of a row is part of the stream.
fn weights(s: f32[S]) -> f32[S] {
    let m = max[j](s[j])
    let z = sum[j](exp(s[j] - m))
    let p[j] = exp(s[j] - m) / z
    p
}
export fn attention(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let p[h, i] = weights(s[h, i])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# never: i64[T, V] stored
# never: f32[T, V] stored
# > largest (strips.ml:5:1)
# >   strips.ml:6:5: s: f32[H, min(T, 64), S] stored: it is sorted
# > broken (strips.ml:11:1)
# >   strips.ml:14:5: c: f32[H, min(T, 64), S] stored: a loop fills it
# > spread (strips.ml:19:1)
# >   strips.ml:20:5: l: f32[min(T, 64), V] stored: it has several readers
# > looked_up (strips.ml:26:1)
# >   strips.ml:27:5: s: f32[H, min(T, 64), S] stored: it is sorted
# > picked (strips.ml:33:1)
# >   strips.ml:35:34: any: bool[min(T, 64), S] stored: its readers ask for each element several times
# > bisected (strips.ml:39:1)
# >   strips.ml:40:5: s: f32[H, min(T, 64), S] stored: it is read in a loop that it stands outside of
# >   strips.ml:48:9: l: f32[H, min(T, 64)] stored: a loop carries it from turn to turn
# > searched (strips.ml:65:1)
# >   strips.ml:66:5: s: f32[H, min(T, 64), S] stored: its readers ask for each element several times
# >   strips.ml:67:5: t: f32[H, min(T, 64)] stored: indices that it does not need would repeat its turns
# > classes (strips.ml:71:1)
# >   strips.ml:72:5: w: f32[H, min(T, 64), S] stored: its loops would run inside another reduction
# >   strips.ml:73:20: f32[H, min(T, 64), M] stored: its loops would run inside another reduction
# > nearest (strips.ml:76:1)
# >   strips.ml:77:24: t: f32[min(T, 64), V] stored: it is sorted
# > contextual (strips.ml:80:1)
# >   strips.ml:81:5: s: f32[H, min(T, 64), S] stored: its readers ask for each element several times
# >   strips.ml:83:65: f32[H, min(T, 64), S] stored: a loop fills it
# > seen (strips.ml:91:1)
# >   strips.ml:92:22: i64[min(T, 64), V] stored: its readers ask for each element several times
# > shares (strips.ml:106:1)
# >   strips.ml:100:5: c: f32[min(T, 64), S] stored: a loop fills it
# >       0 % more than what lives at one time, with 256 for every dim; 1 % with other sizes
# > attention (strips.ml:118:1)
# >   strips.ml:115:5: p: f32[H, T, S] streamed: computed block by block in one pass over the axis that its reader reduces

# Buckets of what lies between two places in time, the same for all heads: their form keeps them inside of the table, and nothing is looked for over all pairs before.
export fn buckets(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], t: i32[T], table: f32[32]) -> f32[H, T, D] {
    let b[i, j] = clip(i32(log(1 + f32(abs(t[i] - t[j])))), 0, 31)
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) + table[b[i, j]]
    out[h, i, d] = sum[j | j <= i](silu(s[h, i, j]) * v[h, j, d])
}
# > buckets (strips.ml:158:1)
# >   strips.ml:159:5: b: i32[min(T, 64), T] stored: its readers ask for each element several times
# never: i32[T, T]

# Gradients of keys and values sum what strips have: a strip is a block of these sums, so that nothing is stored for all rows.
export fn gradients(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], g: f32[H, T, D]) -> (f32[H, T, D], f32[H, S, D], f32[H, S, D]) where S >= 4 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let (top, _) = topk(s, 4)
    let p[h, i, j] = softmax[j | s[h, i, j] >= top[h, i, 3]](s[h, i, j])
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i])
    let dq[h, i, d] = sum[j](ds[h, i, j] * k[h, j, d])
    let dk[h, j, d] = sum[i](ds[h, i, j] * q[h, i, d])
    let dv[h, j, d] = sum[i](p[h, i, j] * g[h, i, d])
    (dq, dk, dv)
}
# > gradients (strips.ml:168:1)
# >   strips.ml:169:5: s: f32[H, min(T, 256), S] stored: it is sorted
# >   strips.ml:174:5: ds: f32[H, min(T, 256), S] stored: its readers ask for each element several times
# >       loops: contract[i: min(T, 256) within bounds] (sum)
