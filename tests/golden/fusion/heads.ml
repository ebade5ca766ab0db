# Scores that are mixed over heads: what is mixed is computed for a block of keys and all heads at once, and no tensor of T x S is stored.
# Before the softmax.
export fn before(q: f32[G, T, D], k: f32[G, S, D], v: f32[H, S, E], mix: f32[H, G]) -> f32[H, T, E] {
    let a[g, t, j] = sum[d](q[g, t, d] * k[g, j, d]) / sqrt(D)
    let s[h, t, j] = sum[g](mix[h, g] * a[g, t, j])
    let p[h, t, j] = softmax[j](s[h, t, j])
    out[h, t, e] = sum[j](p[h, t, j] * v[h, j, e])
}
# > before (heads.ml:3:1)
# >   heads.ml:4:5: a: f32[G, T, S] streamed: computed block by block in one pass over the axis that its reader reduces
# >       loops: stream[j: S] (max, sum, sum)

# Behind it: the largest score and the sum of a row are a pass of their own.
export fn behind(q: f32[G, T, D], k: f32[G, S, D], v: f32[H, S, E], mix: f32[H, G]) -> f32[H, T, E] {
    let s[g, t, j] = sum[d](q[g, t, d] * k[g, j, d]) / sqrt(D)
    let p[g, t, j] = softmax[j](s[g, t, j])
    let w[h, t, j] = sum[g](mix[h, g] * p[g, t, j])
    out[h, t, e] = sum[j](w[h, t, j] * v[h, j, e])
}
# > behind (heads.ml:14:1)
# >       loops: stream[j: S] (max)
# >       loops: stream[j: S] (max, sum)
# >       loops: stream[j: S] (sum)

# Both, in a batch, with a guard, a bias that falls with the distance, heads that share keys, rows before heads.
export fn both(q: f32[B, T, G, D], k: f32[B, S, K, D], v: f32[B, S, K, E], first: f32[H, G], second: f32[H, H], slope: f32[H]) -> f32[B, T, H, E] {
    let a[b, g, t, j] = sum[d](q[b, t, g, d] * k[b, j, g // (G / K), d]) / sqrt(D)
    let s[b, h, t, j] = sum[g](first[h, g] * a[b, g, t, j]) - slope[h] * f32(t + S - T - j)
    let p[b, h, t, j] = softmax[j | j <= t + S - T](s[b, h, t, j])
    let w[b, h, t, j] = sum[g](second[h, g] * p[b, g, t, j])
    out[b, t, h, e] = sum[j | j <= t + S - T](w[b, h, t, j] * v[b, j, h // (H / K), e])
}
# > both (heads.ml:26:1)
# >       loops: stream[j: S within bounds] (max)
# >       loops: stream[j: S within bounds] (max, sum)
# >       loops: stream[j: S within bounds] (sum)

# Scores of all heads beside their mixture; weights without a maximum; one score of all heads.
export fn beside(q: f32[G, T, D], k: f32[G, S, D], v: f32[G, S, E], mix: f32[G, G]) -> f32[G, T, E] {
    let a[g, t, j] = sum[d](q[g, t, d] * k[g, j, d])
    let s[h, t, j] = a[h, t, j] + sum[g](mix[h, g] * a[g, t, j])
    let p[h, t, j] = softmax[j](s[h, t, j])
    out[h, t, e] = sum[j](p[h, t, j] * v[h, j, e])
}
# > beside (heads.ml:39:1)
# >       loops: stream[j: S] (max, sum, sum)
export fn gates(q: f32[G, T, D], k: f32[G, S, D], v: f32[H, S, E], mix: f32[H, G]) -> f32[H, T, E] {
    let a[g, t, j] = sum[d](q[g, t, d] * k[g, j, d])
    out[h, t, e] = sum[j](sigmoid(sum[g](mix[h, g] * a[g, t, j])) * v[h, j, e])
}
# > gates (heads.ml:47:1)
# >       loops: stream[j: S] (sum)
export fn one(q: f32[G, T, D], k: f32[S, D], v: f32[S, E], w: f32[T, G]) -> f32[T, E] {
    let s[t, j] = sum[g](w[t, g] * relu(sum[d](q[g, t, d] * k[j, d])))
    let p[t, j] = softmax[j | j <= t + S - T](s[t, j])
    out[t, e] = sum[j](p[t, j] * v[j, e])
}
# > one (heads.ml:53:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)
# The mixture differs by row (made of the tokens themselves), before and behind the softmax; in two steps of low rank.
export fn by_row(q: f32[G, T, D], k: f32[G, S, D], v: f32[H, S, E], mix: f32[T, H, G]) -> f32[H, T, E] {
    let a[g, t, j] = sum[d](q[g, t, d] * k[g, j, d])
    let s[h, t, j] = sum[g](mix[t, h, g] * a[g, t, j])
    let p[h, t, j] = softmax[j](s[h, t, j])
    out[h, t, e] = sum[j](p[h, t, j] * v[h, j, e])
}
# > by_row (heads.ml:61:1)
# >       loops: stream[j: S] (max, sum, sum)
export fn by_row_behind(q: f32[G, T, D], k: f32[G, S, D], v: f32[H, S, E], mix: f32[T, H, G]) -> f32[H, T, E] {
    let p[g, t, j] = softmax[j](sum[d](q[g, t, d] * k[g, j, d]))
    let w[h, t, j] = sum[g](mix[t, h, g] * p[g, t, j])
    out[h, t, e] = sum[j](w[h, t, j] * v[h, j, e])
}
# > by_row_behind (heads.ml:69:1)
# >       loops: stream[j: S] (max)
# >       loops: stream[j: S] (max, sum)
# >       loops: stream[j: S] (sum)
export fn composed(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, E], down: f32[T, R, H], up: f32[T, R, H], gate: f32[T, H]) -> f32[H, T, E] {
    let a[h, t, j] = sum[d](q[h, t, d] * k[h, j, d])
    let u[r, t, j] = sum[h](down[t, r, h] * a[h, t, j])
    let s[h, t, j] = a[h, t, j] * (1.0 + tanh(gate[t, h])) + sum[r](up[t, r, h] * u[r, t, j])
    let p[h, t, j] = softmax[j | j <= t + S - T](s[h, t, j])
    out[h, t, e] = sum[j](p[h, t, j] * v[h, j, e])
}
# > composed (heads.ml:78:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)

# A window of each head; each head's weights are 0 outside of its own where they are mixed.
export fn windows(q: f32[G, T, D], k: f32[G, S, D], v: f32[H, S, E], mix: f32[H, G], window: int[H]) -> f32[H, T, E] {
    let a[g, t, j] = sum[d](q[g, t, d] * k[g, j, d])
    let p[h, t, j] = softmax[j | j <= t and j > t - window[h]](sum[g](mix[h, g] * a[g, t, j]))
    out[h, t, e] = sum[j](p[h, t, j] * v[h, j, e])
}
# > windows (heads.ml:89:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)
export fn windows_behind(q: f32[G, T, D], k: f32[G, S, D], v: f32[H, S, E], mix: f32[H, G], window: int[G]) -> f32[H, T, E] {
    let p[g, t, j] = softmax[j | j <= t and j > t - window[g]](sum[d](q[g, t, d] * k[g, j, d]))
    let w[h, t, j] = sum[g](mix[h, g] * p[g, t, j])
    out[h, t, e] = sum[j](w[h, t, j] * v[h, j, e])
}
# > windows_behind (heads.ml:96:1)
# >       loops: stream[j: S within bounds] (max)
# >       loops: stream[j: S within bounds] (max, sum)
# >       loops: stream[j: S] (sum)

# Weights of mixtures that are mixed, with a guard; keys that lie features first; one score of all heads without a guard; the difference of two heads' weights.
export fn twice(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, E], mix: f32[H, H]) -> f32[H, T, E] {
    let a[h, t, j] = sum[d](q[h, t, d] * k[h, j, d])
    let p[h, t, j] = softmax[j | j <= t](sum[g: H](mix[h, g] * a[g, t, j]))
    out[h, t, e] = sum[j](sum[g: H](mix[g, h] * p[g, t, j]) * v[h, j, e])
}
# > twice (heads.ml:107:1)
# >       loops: stream[j: S within bounds] (max)
# >       loops: stream[j: S within bounds] (max, sum)
# >       loops: stream[j: S] (sum)
export fn features(q: f32[G, T, D], k: f32[D, G, S], v: f32[H, S, E], mix: f32[H, G]) -> f32[H, T, E] {
    let p[g, t, j] = softmax[j](sum[d](q[g, t, d] * k[d, g, j]))
    out[h, t, e] = sum[j](sum[g](mix[h, g] * p[g, t, j]) * v[h, j, e])
}
# > features (heads.ml:116:1)
# >       loops: stream[j: S] (max)
# >       loops: stream[j: S] (max, sum)
# >       loops: stream[j: S] (sum)
export fn all_heads(q: f32[G, T, D], k: f32[G, S, D], v: f32[S, E], mix: f32[G]) -> f32[T, E] {
    let a[g, t, j] = sum[d](q[g, t, d] * k[g, j, d])
    let p[t, j] = softmax[j](sum[g](mix[g] * relu(a[g, t, j])))
    out[t, e] = sum[j](p[t, j] * v[j, e])
}
# > all_heads (heads.ml:124:1)
# >       loops: stream[j: S] (max, sum, sum)
export fn differences(q: f32[2 * H, T, D], k: f32[2 * H, S, D], v: f32[H, S, E], lambda: f32[H]) -> f32[H, T, E] {
    let p[g, t, j] = softmax[j | j <= t + S - T](sum[d](q[g, t, d] * k[g, j, d]))
    let w[h: H, t, j] = p[2 * h, t, j] - lambda[h] * p[2 * h + 1, t, j]
    out[h, t, e] = sum[j](w[h, t, j] * v[h, j, e])
}
# > differences (heads.ml:131:1)
# >       loops: stream[j: S within bounds] (max, sum, max, sum, sum, sum)
# never: f32[2 * H, T, S] stored
# One row, as the program says.
export fn said(q: f32[G, 1, D], k: f32[G, S, D], v: f32[H, S, E], mix: f32[H, G]) -> f32[H, 1, E] {
    let p[g, t, j] = softmax[j](sum[d](q[g, t, d] * k[g, j, d]))
    out[h, t, e] = sum[j](sum[g](mix[h, g] * p[g, t, j]) * v[h, j, e])
}
# > said (heads.ml:140:1)
# >       loops: stream[j: S] (max)
# >       loops: stream[j: S] (max, sum)
# >       loops: stream[j: S] (sum)
# never: f32[G, 1, S] stored
# never: f32[G, T, S] stored
# never: f32[H, T, S] stored
# never: f32[B, G, T, S] stored
# never: f32[B, H, T, S] stored
# never: f32[T, S] stored

# Keys that are projected are mixed over features, but are no scores: stored, though queries share them.
export fn projected(x: f32[T, C], q: f32[H, T, D], wk: f32[H, C, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let k[h, j, d] = sum[c](x[j, c] * wk[h, c, d])
    let p[h, t, j] = softmax[j](sum[d](q[h, t, d] * k[h, j, d]))
    out[h, t, d] = sum[j](p[h, t, j] * v[h, j, d])
}
# > projected (heads.ml:156:1)
# >   heads.ml:157:5: k: f32[H, T, D] stored: its readers ask for each element several times
# >       loops: stream[j: T] (max, sum, sum)
export fn latents(x: f32[B, S, C], q: f32[L, D], wk: f32[C, D], v: f32[B, S, E]) -> f32[B, L, E] {
    let k[b, j, d] = sum[c](x[b, j, c] * wk[c, d])
    let p[b, t, j] = softmax[j](sum[d](q[t, d] * k[b, j, d]))
    out[b, t, e] = sum[j](p[b, t, j] * v[b, j, e])
}
# > latents (heads.ml:164:1)
# >   heads.ml:165:5: k: f32[B, S, D] stored: its readers ask for each element several times
# >       loops: stream[j: S] (max, sum, sum)
# Sizes that a condition ties: pairs of heads where G is twice H.
export fn tied(q: f32[G, T, D], k: f32[G, S, D], v: f32[H, S, E], lambda: f32[H]) -> f32[H, T, E] where G == 2 * H {
    let p[g, t, j] = softmax[j | j <= t + S - T](sum[d](q[g, t, d] * k[g, j, d]))
    let w[h: H, t, j] = p[2 * h, t, j] - lambda[h] * p[2 * h + 1, t, j]
    out[h, t, e] = sum[j](w[h, t, j] * v[h, j, e])
}
# > tied (heads.ml:173:1)
# >       loops: stream[j: S within bounds] (max, sum, max, sum, sum, sum)
# never: f32[G, T, S] stored
# One head beside a mixture, two heads without one, scores that all heads share, alone and beside their own.
export fn part(q: f32[G, T, D], k: f32[G, S, D], v: f32[H, S, E], mix: f32[H, G]) -> f32[H, T, E] where G >= 1 {
    let a[g, t, j] = sum[d](q[g, t, d] * k[g, j, d])
    let s[h, t, j] = sum[g](mix[h, g] * a[g, t, j]) + a[0, t, j]
    let p[h, t, j] = softmax[j | j <= t](s[h, t, j])
    out[h, t, e] = sum[j](p[h, t, j] * v[h, j, e])
}
# > part (heads.ml:182:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)
export fn two(q: f32[G, T, D], k: f32[G, S, D], v: f32[H, S, E], w: f32[H]) -> f32[H, T, E] where G >= 2 {
    let a[g, t, j] = sum[d](q[g, t, d] * k[g, j, d])
    let p[h, t, j] = softmax[j](w[h] * a[0, t, j] + a[1, t, j])
    out[h, t, e] = sum[j](p[h, t, j] * v[h, j, e])
}
# > two (heads.ml:190:1)
# >       loops: stream[j: S] (max, sum, sum)
export fn shared(q: f32[T, D], k: f32[S, D], v: f32[H, S, E], w: f32[H]) -> f32[H, T, E] {
    let a[t, j] = sum[d](q[t, d] * k[j, d])
    let p[h, t, j] = softmax[j | j <= t](w[h] * a[t, j])
    out[h, t, e] = sum[j](p[h, t, j] * v[h, j, e])
}
# > shared (heads.ml:197:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)
export fn shared_beside(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, E], r: f32[T, C], w: f32[S, C]) -> f32[H, T, E] {
    let a[h, t, j] = sum[d](q[h, t, d] * k[h, j, d])
    let b[t, j] = sum[c](r[t, c] * w[j, c])
    let p[h, t, j] = softmax[j | j <= t](a[h, t, j] + b[t, j])
    out[h, t, e] = sum[j](p[h, t, j] * v[h, j, e])
}
# > shared_beside (heads.ml:204:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)
# Heads in one row of memory, whose size divides the row as is asked at entry.
export fn rows_of_heads(q: f32[T, C], k: f32[S, C], v: f32[S, C]) -> f32[T, C] where C % 64 == 0 {
    let p[h: C // 64, i, j] = softmax[j](sum[d: 64](q[i, h * 64 + d] * k[j, h * 64 + d]))
    out[i, c] = sum[j](p[c // 64, i, j] * v[j, c])
}
# > rows_of_heads (heads.ml:213:1)
# >       loops: stream[j: S] (max, sum, sum)
export fn joined_values(q: f32[H, T, 64], k: f32[H, S, 64], v: f32[S, C]) -> f32[T, C] where C == H * 64 {
    let p[h, i, j] = softmax[j](sum[d](q[h, i, d] * k[h, j, d]))
    out[i, c] = sum[j](p[c // 64, i, j] * v[j, c])
}
# > joined_values (heads.ml:219:1)
# >       loops: stream[j: S] (max, sum, sum)
# The size of a head, or the number of heads, is an argument of the call.
export fn rows_by_size(q: f32[T, C], k: f32[S, C], v: f32[S, C], K: int) -> f32[T, C] where K >= 1, C % K == 0 {
    let p[h: C // K, i, j] = softmax[j](sum[d: K](q[i, h * K + d] * k[j, h * K + d]))
    out[i, c] = sum[j](p[c // K, i, j] * v[j, c])
}
export fn rows_by_count(q: f32[T, C], k: f32[S, C], v: f32[S, C], H: int) -> f32[T, C] where H >= 1, C % H == 0 {
    let p[h: H, i, j] = softmax[j](sum[d: C // H](q[i, h * (C // H) + d] * k[j, h * (C // H) + d]))
    out[i, c] = sum[j](p[c // (C // H), i, j] * v[j, c])
}
# > rows_by_size (heads.ml:226:1)
# >       loops: stream[j: S] (max, sum, sum)
# > rows_by_count (heads.ml:230:1)
# >       loops: stream[j: S] (max, sum, sum)

# What is cheap, made of each pair and the same for all heads is computed for each head: no tensor of pairs.
export fn far_apart(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: f32[M], b: f32[M], u: f32[H, M], r: f32) -> f32[H, T, D] {
    let far[i: T, j: T] = f32(i - j) / (r + f32(i))
    let bias[h, i, j] = sum[m](u[h, m] * relu(w[m] * far[i, j] + b[m]))
    let p[h, i, j] = softmax[j | j <= i](sum[d](q[h, i, d] * k[h, j, d]) + bias[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > far_apart (heads.ml:240:1)
# >   heads.ml:241:5: far: f32[T, T] streamed: computed block by block in one pass over the axis that its reader reduces
# >       loops: stream[j: T within bounds] (max, sum, sum)

# What is dear without a sum, an elementary function of each pair that is the same for all heads (Li et al. 2023, FIRE), is computed once for them.
export fn fire(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: f32[M], b: f32[M], u: f32[H, M], c: f32, r: f32) -> f32[H, T, D] {
    let far[i: T, j: T] = log1p(c * max(f32(i - j), 0)) / log1p(c * max(f32(i), r))
    let bias[h, i, j] = sum[m](u[h, m] * relu(w[m] * far[i, j] + b[m]))
    let p[h, i, j] = softmax[j | j <= i](sum[d](q[h, i, d] * k[h, j, d]) + bias[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > fire (heads.ml:251:1)
# >   heads.ml:252:5: far: f32[T, T] streamed: computed block by block in one pass over the axis that its reader reduces
# >       loops: stream[j: T within bounds] (max, sum, sum)
