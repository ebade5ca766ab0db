# Backward passes as they are written by hand: of scores, weights and their gradients nothing is stored, only what is reduced for each row. dk and dv are one pass.
export fn backward(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], g: f32[H, T, D]) -> (f32[H, T, D], f32[H, S, D], f32[H, S, D]) {
    let p[h, i, j] = softmax[j | j <= i + S - T](sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D))
    let dv[h, j, d] = sum[i](p[h, i, j] * g[h, i, d])
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i]) / sqrt(D)
    let dq[h, i, d] = sum[j](ds[h, i, j] * k[h, j, d])
    let dk[h, j, d] = sum[i](ds[h, i, j] * q[h, i, d])
    (dq, dk, dv)
}
# > backward (backward.ml:2:1)
# >       loops: stream[j: S within bounds] (max)
# >       loops: stream[j: S within bounds] (max, sum)
# >       loops: stream[j: S within bounds] (max, sum, sum)
# >   backward.ml:4:5: dv: f32[H, S, D] stored: a result
# >       loops: stream[i: T within bounds] (sum)
# >   backward.ml:8:5: dq: f32[H, T, D] stored: a result
# >       loops: stream[j: S within bounds] (sum)
# >   backward.ml:9:5: dk: f32[H, S, D] stored: a result
# >       loops: stream[i: T within bounds] (sum)
# >   threads: 6 kernels in 1 region, 4 barriers within it

export fn matrices(q: f32[T, D], k: f32[S, D], v: f32[S, D], g: f32[T, D]) -> (f32[T, D], f32[S, D], f32[S, D]) {
    let p = softmax(q @ k.T / sqrt(D), axis: 1)
    let dp = g @ v.T
    let ds = p * (dp - sum(p * dp, axis: 1, keep: true)) / sqrt(D)
    (ds @ k, ds.T @ q, p.T @ g)
}
# > matrices (backward.ml:24:1)
# >       loops: stream[i: S] (max)
# >       loops: stream[i: S] (max, sum)
# >       loops: stream[i: S] (max, sum, sum)
# >       loops: stream[i: S] (sum)
# >       loops: stream[i: T] (sum)
# >       loops: stream[i: T] (sum)
# >   threads: 6 kernels in 1 region, 4 barriers within it

# Forward derivatives: a result and what moves with it.
export fn forward(q: f32[T, D], k: f32[S, D], v: f32[S, D], tq: f32[T, D], tv: f32[S, D]) -> (f32[T, D], f32[T, D]) {
    let p[i, j] = softmax[j | j <= i + S - T](sum[d](q[i, d] * k[j, d]))
    let ts[i, j] = sum[d](tq[i, d] * k[j, d])
    let mean[i] = sum[j](p[i, j] * ts[i, j])
    let tp[i, j] = p[i, j] * (ts[i, j] - mean[i])
    let o[i, d] = sum[j](p[i, j] * v[j, d])
    let to[i, d] = sum[j](tp[i, j] * v[j, d] + p[i, j] * tv[j, d])
    (o, to)
}
# > forward (backward.ml:40:1)
# >   backward.ml:45:5: o: f32[T, D] stored: a result
# >       loops: stream[j: S within bounds] (max, sum, sum)
# >       loops: stream[j: S within bounds] (max, sum, sum)
# >   backward.ml:46:5: to: f32[T, D] stored: a result
# >       loops: stream[j: S within bounds] (sum, sum)

# Of a loss over a vocabulary, with its log-sum-exp: no logits.
export fn words(x: f32[T, D], w: f32[V, D], y: i32[T]) -> (f32[T, D], f32[V, D]) {
    let z = x @ w.T
    let l = logsumexp(z, axis: 1)
    let p[t, v] = exp(z[t, v] - l[t])
    let dx[t, d] = sum[v](p[t, v] * w[v, d]) - w[y[t], d]
    let hit[v: V, d] = sum[t | y[t] == v](x[t, d])
    let dw[v, d] = sum[t](p[t, v] * x[t, d]) - hit[v, d]
    (dx, dw)
}
# > words (backward.ml:57:1)
# >       loops: stream[i: V] (max)
# >       loops: stream[i: V] (max, sum)
# >       loops: stream[i: V] (max, sum, sum)
# >       loops: stream[t: T] (sum)
# never: f32[T, V] stored
# never: f32[H, T, S] stored
# never: f32[T, S] stored

# Keys and values that heads share: heads of a group by a subscript.
export fn shared(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D], g: f32[H, T, D]) -> (f32[G, S, D], f32[G, S, D]) {
    let p[h, i, j] = softmax[j | j <= i + S - T](sum[d](q[h, i, d] * k[h // (H / G), j, d]) / sqrt(D))
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h // (H / G), j, d])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i]) / sqrt(D)
    let dv[n: G, j, d] = sum[r: H / G, i: T](p[n * (H / G) + r, i, j] * g[n * (H / G) + r, i, d])
    let dk[n: G, j, d] = sum[r: H / G, i: T](ds[n * (H / G) + r, i, j] * q[n * (H / G) + r, i, d])
    (dk, dv)
}
# > shared (backward.ml:76:1)
# >       loops: stream[j: S within bounds] (max)
# >       loops: stream[j: S within bounds] (max, sum)
# >       loops: stream[j: S within bounds] (max, sum, sum)
# >   backward.ml:81:5: dv: f32[G, S, D] stored: a result
# >       loops: stream[r: H * T / G] (sum)
# >   backward.ml:82:5: dk: f32[G, S, D] stored: a result
# >       loops: stream[r: H * T / G] (sum)
# >   threads: 4 kernels in 1 region, 3 barriers within it

# Features that do not lie last: operands are copied for a block and a tile of rows, and the passes are the same.
export fn features_first(q: f32[D, T], k: f32[D, S], v: f32[D, S], g: f32[D, T]) -> (f32[D, T], f32[D, S], f32[D, S]) {
    let p[i, j] = softmax[j | j <= i + S - T](sum[d](q[d, i] * k[d, j]) / sqrt(D))
    let dv[d, j] = sum[i](p[i, j] * g[d, i])
    let dp[i, j] = sum[d](g[d, i] * v[d, j])
    let delta[i] = sum[j](p[i, j] * dp[i, j])
    let ds[i, j] = p[i, j] * (dp[i, j] - delta[i]) / sqrt(D)
    let dq[d, i] = sum[j](ds[i, j] * k[d, j])
    let dk[d, j] = sum[i](ds[i, j] * q[d, i])
    (dq, dk, dv)
}
# > features_first (backward.ml:96:1)
# >       loops: stream[j: S within bounds] (max)
# >       loops: stream[j: S within bounds] (max, sum)
# >       loops: stream[j: S within bounds] (max, sum, sum)
# >   backward.ml:98:5: dv: f32[D, S] stored: a result
# >       loops: stream[i: T within bounds] (sum)
# >   backward.ml:102:5: dq: f32[D, T] stored: a result
# >       loops: stream[j: S within bounds] (sum)
# >   backward.ml:103:5: dk: f32[D, S] stored: a result
# >       loops: stream[i: T within bounds] (sum)

export fn batch_last(q: f32[T, H, D, B], k: f32[S, H, D, B], v: f32[S, H, D, B], g: f32[T, H, D, B]) -> (f32[S, H, D, B], f32[S, H, D, B]) {
    let p[b, h, i, j] = softmax[j](sum[d](q[i, h, d, b] * k[j, h, d, b]) / sqrt(D))
    let dv[j, h, d, b] = sum[i](p[b, h, i, j] * g[i, h, d, b])
    let dp[b, h, i, j] = sum[d](g[i, h, d, b] * v[j, h, d, b])
    let delta[b, h, i] = sum[j](p[b, h, i, j] * dp[b, h, i, j])
    let ds[b, h, i, j] = p[b, h, i, j] * (dp[b, h, i, j] - delta[b, h, i]) / sqrt(D)
    let dk[j, h, d, b] = sum[i](ds[b, h, i, j] * q[i, h, d, b])
    (dk, dv)
}
# > batch_last (backward.ml:117:1)
# >   backward.ml:119:5: dv: f32[S, H, D, B] stored: a result
# >       loops: stream[i: T] (sum)
# >   backward.ml:123:5: dk: f32[S, H, D, B] stored: a result
# >       loops: stream[i: T] (sum)
# never: f32[B, H, T, S] stored

# A sink beside the scores, with its own gradient: a sum over rows of what passes give each of them.
export fn sink(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], g: f32[H, T, D], b: f32[H]) -> (f32[H, T, D], f32[H, S, D], f32[H]) {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let m[h, i] = max(max[j](s[h, i, j]), b[h])
    let z[h, i] = exp(b[h] - m[h, i]) + sum[j](exp(s[h, i, j] - m[h, i]))
    let p[h, i, j] = exp(s[h, i, j] - m[h, i]) / z[h, i]
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i])
    let dq[h, i, d] = sum[j](ds[h, i, j] * k[h, j, d])
    let dk[h, j, d] = sum[i](ds[h, i, j] * q[h, i, d])
    let db[h] = -sum[i](exp(b[h] - m[h, i]) / z[h, i] * delta[h, i])
    (dq, dk, db)
}
# > sink (backward.ml:134:1)
# >   backward.ml:142:5: dq: f32[H, T, D] stored: a result
# >       loops: stream[j: S] (sum)
# >   backward.ml:143:5: dk: f32[H, S, D] stored: a result
# >       loops: stream[i: T] (sum)
# >   backward.ml:144:5: db: f32[H] stored: a result

# Rows and columns, with all gradients: eight passes read one tensor of scores, which none stores.
export fn contrast(a: f32[N, D], b: f32[N, D], s: f32) -> (f32, f32[N, D], f32[N, D], f32) where N >= 1 {
    let z[i, j] = s * sum[d](a[i, d] * b[j, d])
    let lr[i, j] = log_softmax[j](z[i, j])
    let lc[i, j] = log_softmax[i](z[i, j])
    let loss = -0.5 * (mean[i](lr[i, i]) + mean[i](lc[i, i]))
    let dz[i, j] = (0.5 * (softmax[j](z[i, j]) + softmax[i](z[i, j])) - f32(i == j)) / N
    let da[i, d] = s * sum[j](dz[i, j] * b[j, d])
    let db[j, d] = s * sum[i](dz[i, j] * a[i, d])
    (loss, da, db, sum[i, j](dz[i, j] * z[i, j]) / s)
}
# > contrast (backward.ml:155:1)
# >   backward.ml:161:5: da: f32[N, D] stored: a result
# >       loops: stream[j: N] (sum)
# >   backward.ml:162:5: db: f32[N, D] stored: a result
# >       loops: stream[i: N] (sum)
# never: f32[N, N] stored

# Heads that share keys, summed under a guard: their number in a group is what a pass goes over.
export fn shared_by_guard(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D], g: f32[H, T, D], cap: f32) -> (f32[G, S, D], f32[G, S, D]) {
    let u[h, i, j] = tanh(sum[d](q[h, i, d] * k[h // (H / G), j, d]) / cap)
    let p[h, i, j] = softmax[j | j <= i + S - T](cap * u[h, i, j])
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h // (H / G), j, d])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i]) * (1 - u[h, i, j] ^ 2)
    let dv[n: G, j, d] = sum[h: H, i: T | h // (H / G) == n](p[h, i, j] * g[h, i, d])
    let dk[n: G, j, d] = sum[h: H, i: T | h // (H / G) == n](ds[h, i, j] * q[h, i, d])
    (dk, dv)
}
# > shared_by_guard (backward.ml:173:1)
# >   backward.ml:179:5: dv: f32[G, S, D] stored: a result
# >       loops: stream[h: H * T / G] (sum)
# >   backward.ml:180:5: dk: f32[G, S, D] stored: a result
# >       loops: stream[h: H * T / G] (sum)

# Of a preference: what a sequence's tokens add up to weighs each of its logits' gradients. Labels may fail.
export fn preferred(x: f32[B, T, D], w: f32[V, D], r: f32[B], y: i32[B, T], n: int[B]) -> (f32[B, T, D], f32[V, D]) {
    let z[b, t, v] = sum[d](x[b, t, d] * w[v, d])
    let lp[b, t, v] = log_softmax[v](z[b, t, v])
    let s[b] = sum[t | t < n[b]](lp[b, t, y[b, t]])
    let c[b] = -sigmoid(r[b] - s[b])
    let dz[b, t, v] = if t < n[b] { c[b] * (f32(v == int(y[b, t])) - exp(lp[b, t, v])) } else { 0.0 }
    let dx[b, t, d] = sum[v](dz[b, t, v] * w[v, d])
    let dw[v, d] = sum[b, t](dz[b, t, v] * x[b, t, d])
    (dx, dw)
}
# > preferred (backward.ml:190:1)
# >   backward.ml:193:34: f32[B, T] stored: a pass of its own
# >   backward.ml:196:5: dx: f32[B, T, D] stored: a result
# >       loops: stream[v: V] (sum)
# >   backward.ml:197:5: dw: f32[V, D] stored: a result
# >       loops: stream[b: B * T] (sum)
# never: f32[B, T, V] stored

# Heads in one row of memory.
export fn flat(q: f32[T, H * K], k: f32[T, H * K], v: f32[T, H * K], g: f32[T, H * K], b: f32[H]) -> (f32[T, H * K], f32[T, H * K]) {
    let p[h: H, i, j] = softmax[j | j <= i](sum[d: K](q[i, h * K + d] * k[j, h * K + d]) + b[h])
    let dp[h: H, i, j] = sum[d: K](g[i, h * K + d] * v[j, h * K + d])
    let delta[h: H, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h: H, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i])
    let dq[i, c: H * K] = sum[j](ds[c // K, i, j] * k[j, c])
    let dk[j, c: H * K] = sum[i](ds[c // K, i, j] * q[i, c])
    (dq, dk)
}
# > flat (backward.ml:209:1)
# >   backward.ml:214:5: dq: f32[T, H, K] stored: a pass of its own
# >       loops: stream[j: T within bounds] (sum)
# >   backward.ml:215:5: dk: f32[T, H, K] stored: a pass of its own
# >       loops: stream[i: T within bounds] (sum)
# never: f32[H, T, T] stored

# With the forward pass's log-sum-exp and result; what is reduced of each row stands between dv and dk.
export fn given(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], o: f32[H, T, D], z: f32[H, T], g: f32[H, T, D]) -> (f32[H, T, D], f32[H, T, D], f32[H, T, D]) {
    let p[h, i, j] = exp(sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D) - z[h, i])
    let dv[h, j, d] = sum[i | j <= i](p[h, i, j] * g[h, i, d])
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let delta[h, i] = sum[d](o[h, i, d] * g[h, i, d])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i]) / sqrt(D)
    let dq[h, i, d] = sum[j | j <= i](ds[h, i, j] * k[h, j, d])
    let dk[h, j, d] = sum[i | j <= i](ds[h, i, j] * q[h, i, d])
    (dq, dk, dv)
}
# > given (backward.ml:226:1)
# >   backward.ml:228:5: dv: f32[H, T, D] stored: a result
# >       loops: stream[i: T within bounds] (sum)
# >   backward.ml:232:5: dq: f32[H, T, D] stored: a result
# >   backward.ml:233:5: dk: f32[H, T, D] stored: a result
# >       loops: stream[i: T within bounds] (sum)
# >   threads: 5 kernels in 1 region, 3 barriers within it
# never: f32[H, T, T] stored

# What is reduced of each row for the result, which the gradients need, is there when dq is computed: one sum.
export fn named(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], g: f32[H, T, D]) -> (f32[H, T, D], f32[H, T, D], f32[H, T, D], f32[H, T, D]) {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let z[h, i] = logsumexp[j | j <= i](s[h, i, j])
    let p[h, i, j] = exp(s[h, i, j] - z[h, i])
    let o[h, i, d] = sum[j | j <= i](p[h, i, j] * v[h, j, d])
    let delta[h, i] = sum[d](o[h, i, d] * g[h, i, d])
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i]) / sqrt(D)
    let dq[h, i, d] = sum[j | j <= i](ds[h, i, j] * k[h, j, d])
    let dk[h, j, d] = sum[i | j <= i](ds[h, i, j] * q[h, i, d])
    let dv[h, j, d] = sum[i | j <= i](p[h, i, j] * g[h, i, d])
    (o, dq, dk, dv)
}
# > named (backward.ml:246:1)
# >   backward.ml:250:5: o: f32[H, T, D] stored: a result
# >       loops: stream[j: T within bounds] (max, sum, sum)
# >   backward.ml:254:5: dq: f32[H, T, D] stored: a result
# >       loops: stream[j: T within bounds] (sum)
# >   backward.ml:255:5: dk: f32[H, T, D] stored: a result
# >       loops: stream[i: T within bounds] (sum)
# >   backward.ml:256:5: dv: f32[H, T, D] stored: a result
# >       loops: stream[i: T within bounds] (sum)
# >   threads: 7 kernels in 1 region, 5 barriers within it

# In a loop, and of parameters that change in place, streams side by side are one kernel, too; what changes is copied.
export fn descend(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], g: f32[H, T, D], n: int) -> (f32[H, T, D], f32[H, T, D], f32[H, T, D]) {
    var a = q
    var b = k
    var c = v
    for _ in 0..n {
        let (da, db, dc) = gradients(a, b, c, g)
        a = a - 0.1 * da
        b = b - 0.1 * db
        c = c - 0.1 * dc
    }
    (a, b, c)
}
# > descend (backward.ml:271:1)
# >   threads: 6 kernels in 1 region, 3 barriers within it
export fn step(var q: f32[H, T, D], var k: f32[H, T, D], var v: f32[H, T, D], g: f32[H, T, D]) {
    let (da, db, dc) = gradients(q, k, v, g)
    q = q - 0.1 * da
    k = k - 0.1 * db
    v = v - 0.1 * dc
}
# > step (backward.ml:285:1)
# >   threads: 6 kernels in 1 region, 3 barriers within it
fn gradients(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], g: f32[H, T, D]) -> (f32[H, T, D], f32[H, T, D], f32[H, T, D]) {
    let p[h, i, j] = softmax[j | j <= i](sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D))
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i]) / sqrt(D)
    let dq[h, i, d] = sum[j](ds[h, i, j] * k[h, j, d])
    let dk[h, j, d] = sum[i](ds[h, i, j] * q[h, i, d])
    let dv[h, j, d] = sum[i](p[h, i, j] * g[h, i, d])
    (dq, dk, dv)
}

# Bounds from data, which each pass asks for itself, are the same; what is reduced over all pairs beside them is a pass of its own.
export fn padded(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], g: f32[H, T, D], n: int[H], a: f32[H]) -> (f32[H, T, D], f32[H, S, D], f32[H, S, D], f32[H]) {
    let p[h, i, j] = softmax[j | j < n[h]](sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D) - a[h] * f32(i - j))
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let delta[h, i] = sum[j](p[h, i, j] * dp[h, i, j])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i])
    let dq[h, i, d] = sum[j](ds[h, i, j] * k[h, j, d]) / sqrt(D)
    let dk[h, j, d] = sum[i](ds[h, i, j] * q[h, i, d]) / sqrt(D)
    let dv[h, j, d] = sum[i](p[h, i, j] * g[h, i, d])
    let da[h] = -sum[i, j](ds[h, i, j] * f32(i - j))
    (dq, dk, dv, da)
}
# > padded (backward.ml:305:1)
# >   threads: 8 kernels in 1 region, 6 barriers within it

# One gradient alone: the result that its rows need, and nobody else reads, is a pass of its own.
export fn alone(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], g: f32[H, T, D]) -> f32[H, T, D] {
    let p[h, i, j] = softmax[j | j <= i](sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D))
    let o[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
    let delta[h, i] = sum[d](o[h, i, d] * g[h, i, d])
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - delta[h, i]) / sqrt(D)
    out[h, i, d] = sum[j](ds[h, i, j] * k[h, j, d])
}
# > alone (backward.ml:320:1)
# >   backward.ml:322:5: o: f32[H, T, D] stored: a pass of its own
# >       loops: stream[j: T within bounds] (max, sum, sum)
# >   threads: 4 kernels in 1 region, 3 barriers within it

# Of a cross-entropy: what both products read is computed once, 256 words at a time; the loss and what it needs of each row are a pass. What stands between the products is no hindrance.
export fn cross_entropy(x: f32[T, D], w: f32[V, D], y: i32[T]) -> (f32, f32[T, D], f32, f32[V, D]) where T >= 1, V >= 1 {
    let s[t, v] = sum[d](x[t, d] * w[v, d])
    let lp[t, v] = log_softmax[v](s[t, v])
    let g[t, v] = (softmax[v](s[t, v]) - f32(v == y[t])) / f32(T)
    let dx[t, d] = sum[v](g[t, v] * w[v, d])
    let norm = sum[t, d](dx[t, d] ^ 2)
    let dw[v, d] = sum[t](g[t, v] * x[t, d])
    (-mean[t](lp[t, y[t]]), dx, norm, dw)
}
# > cross_entropy (backward.ml:334:1)
# >       loops: stream[v: V] (max, sum)
# >   backward.ml:337:5: g: f32[T, min(V, 256)] stored: its readers ask for each element several times
# >       loops: contract[d: D] (sum)
# >   backward.ml:338:5: dx: f32[T, D] stored: a loop carries it from turn to turn
# >   backward.ml:340:5: dw: f32[min(V, 256), D] stored: it is put into another tensor
# never: f32[T, V] stored

# Of a gradient its size alone: it is a pass, not scores of its rows.
export fn size(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], g: f32[H, T, D]) -> (f32, f32) {
    let p[h, i, j] = softmax[j | j <= i](sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D))
    let dp[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let ds[h, i, j] = p[h, i, j] * (dp[h, i, j] - sum[j](p[h, i, j] * dp[h, i, j]))
    let dq[h, i, d] = sum[j](ds[h, i, j] * k[h, j, d])
    let dk[h, j, d] = sum[i](ds[h, i, j] * q[h, i, d])
    (sum[h, i, d](dq[h, i, d] ^ 2), max[h, j, d](abs(dk[h, j, d])))
}
# > size (backward.ml:352:1)
# >   backward.ml:356:5: dq: f32[H, T, D] stored: a pass of its own
# >       loops: stream[j: T within bounds] (sum)
# >   backward.ml:357:5: dk: f32[H, T, D] stored: a pass of its own
# >       loops: stream[i: T within bounds] (sum)
