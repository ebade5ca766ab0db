# Attention that nobody has listed: one pass over the keys each, and never a tensor of T x S elements.
# A sum of any weights, without a maximum; work ends where the guard does.
export fn sigmoid_attention(q: f32[T, D], k: f32[S, D], v: f32[S, E], bias: f32) -> f32[T, E] {
    let p[i, j] = sigmoid(sum[d](q[i, d] * k[j, d]) / sqrt(D) + bias)
    out[i, e] = sum[j | j <= i](p[i, j] * v[j, e])
}
# > sigmoid_attention (variants.ml:3:1)
# >       loops: stream[j: S within bounds] (sum)

# Weights that their sum divides.
export fn normalised(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> f32[T, E] {
    let w[i, j] = sum[d](relu(q[i, d]) * relu(k[j, d])) + 1e-6
    let z[i] = sum[j | j <= i](w[i, j])
    out[i, e] = sum[j | j <= i](w[i, j] * v[j, e]) / z[i]
}
# > normalised (variants.ml:11:1)
# >       loops: stream[j: S within bounds] (sum, sum)

# The difference of two softmaxes.
export fn differential(q: f32[T, D], k: f32[S, D], q2: f32[T, D], k2: f32[S, D], v: f32[S, E], lambda: f32) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(D)
    let s2[i, j] = sum[d](q2[i, d] * k2[j, d]) / sqrt(D)
    let p[i, j] = softmax[j | j <= i](s[i, j])
    let p2[i, j] = softmax[j | j <= i](s2[i, j])
    out[i, e] = sum[j]((p[i, j] - lambda * p2[i, j]) * v[j, e])
}
# > differential (variants.ml:20:1)
# >       loops: stream[j: S within bounds] (max, sum, max, sum, sum, sum)

# Weights with signs, of which all scale as one exponential does.
export fn rectified(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(D)
    let m[i] = max[j](s[i, j])
    let a[i, j] = exp(s[i, j] - m[i]) - exp(-m[i])
    let z[i] = sum[j](abs(a[i, j])) + 1e-6
    out[i, e] = sum[j](relu(a[i, j]) / z[i] * v[j, e])
}
# > rectified (variants.ml:31:1)
# >       loops: stream[j: S] (max, sum, sum)

# Keys on a grid: softmax over two axes.
export fn grid(q: f32[T, D], k: f32[Y, X, D], v: f32[Y, X, E]) -> f32[T, E] {
    let s[i, y, x] = sum[d](q[i, d] * k[y, x, d]) / sqrt(D)
    let p[i, y, x] = softmax[y, x](s[i, y, x])
    out[i, e] = sum[y, x](p[i, y, x] * v[y, x, e])
}
# > grid (variants.ml:42:1)
# >       loops: stream[y: Y * X] (max, sum, sum)

# Each place of a picture looks at those near it: rows that are far are not visited.
export fn near(q: f32[Y, X, D], k: f32[Y, X, D], v: f32[Y, X, E]) -> f32[Y, X, E] {
    let s[y, x, a, b] = sum[d](q[y, x, d] * k[a, b, d]) / sqrt(D)
    let p[y, x, a, b] = softmax[a, b | abs(a - y) <= 3 and abs(b - x) <= 3](s[y, x, a, b])
    out[y, x, e] = sum[a, b](p[y, x, a, b] * v[a, b, e])
}
# > near (variants.ml:51:1)
# >       loops: stream[a: Y * X within bounds] (max, sum, sum)
# never: f32[T, S] stored
# never: f32[T, Y, X] stored
# never: f32[Y, X, Y, X] stored

# The result, the entropy of its weights and their normaliser: several readers of one cascade, of different shapes.
export fn watched(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> (f32[T, E], f32[T], f32[T]) {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) / sqrt(D)
    let lp[i, j] = log_softmax[j](s[i, j])
    let o[i, e] = sum[j](exp(lp[i, j]) * v[j, e])
    let h[i] = -sum[j](exp(lp[i, j]) * lp[i, j])
    let l[i] = logsumexp[j](s[i, j])
    (o, h, l)
}
# > watched (variants.ml:63:1)
# >       loops: stream[j: S] (max, sum, sum)
# >       loops: stream[j: S] (max, sum, sum)
# >       loops: stream[j: S] (max, sum)

# Scores, guards and biases that look something up may fail: the pass over the keys is the same. Buckets of distances from a table,
# sparse blocks from a table, and padding on the left of a batch.
export fn bucketed(q: f32[T, D], k: f32[S, D], v: f32[S, E], bias: f32[N], bucket: i32[S]) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j | j <= i + S - T](s[i, j] + bias[bucket[clip(i + S - T - j, 0, S - 1)]])
    out[i, e] = sum[j](p[i, j] * v[j, e])
}
# > bucketed (variants.ml:78:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)

export fn blocks(q: f32[T, D], k: f32[S, D], v: f32[S, E], allowed: i32[N, N]) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j | j <= i and allowed[i // 64, j // 64] > 0](s[i, j])
    out[i, e] = sum[j](p[i, j] * v[j, e])
}
# > blocks (variants.ml:86:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)

export fn padded(q: f32[T, D], k: f32[S, D], v: f32[S, E], len: i32) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j | j <= i + S - T and j >= S - len](s[i, j])
    out[i, e] = sum[j](p[i, j] * v[j, e])
}
# > padded (variants.ml:94:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)

# Products with vectors of relative positions: distances beyond the limit have one vector, so there are few products, which are stored;
# the scores are not. Where queries and keys have both (disentangled attention), too.
export fn distances(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], near: f32[2 * R + 1, D], seen: f32[2 * R + 1, D]) -> f32[H, T, D] {
    let a[h, i, r] = sum[d](q[h, i, d] * near[r, d])
    let b[h, j, r] = sum[d](k[h, j, d] * seen[r, d])
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) + a[h, i, clip(j - i, -R, R) + R] + b[h, j, clip(i - j, -R, R) + R]
    let p[h, i, j] = softmax[j](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > distances (variants.ml:104:1)
# >   variants.ml:106:5: b: f32[H, T, 2 * R + 1] stored: it is read in a loop that it stands outside of
# >   variants.ml:105:5: a: f32[H, min(T, 64), 2 * R + 1] stored: its readers ask for each element several times
# >       loops: stream[j: T] (max, sum, sum)

# A bias of the distance, both ways alike: as many logarithms as distances.
export fn fading(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], slope: f32[H]) -> f32[H, T, D] {
    let far[h, n: T] = slope[h] * log(1 + f32(n))
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) - far[h, abs(i - j)]
    let p[h, i, j] = softmax[j](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > fading (variants.ml:117:1)
# >   variants.ml:118:5: far: f32[H, T] stored: its readers ask for each element several times
# >       loops: stream[j: T] (max, sum, sum)

# Keys by a table, heads of groups and biases by another: what no reader asks for may fail, and is looked for over the indices that it needs.
export fn gathered(q: f32[H, T, D], k: f32[N, D], v: f32[S, E], at: i64[S], bias: f32[M], bucket: i64[T]) -> f32[H, T, E] {
    let s[h, i, j: S] = sum[d](q[h, i, d] * k[at[j], d]) + bias[bucket[i]]
    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])
    out[h, i, e] = sum[j](p[h, i, j] * v[j, e])
}
# > gathered (variants.ml:128:1)
# >   variants.ml:130:5: p: f32[H, T, S] streamed: computed block by block in one pass over the axis that its reader reduces
# >   variants.ml:129:5: s: f32[H, T, S] streamed: computed block by block in one pass over the axis that its reader reduces; what may fault in it is looked for before, over [j: S], [i: T]
# >       loops: stream[j: S within bounds] (max, sum, sum)

# A row of a softmax that two chains of passes need: what one of them has taken with it leaves nothing behind for the other.
export fn chained(_by: i32[K], v: f32[M], _to: f32[N]) -> f32[K, M] {
    let b[k: 7] = k
    let m[i: M] = -1
    let s[i: M, j: N] = if j >= i { 0.5 } else { v[i] } + b[m[i]]
    let t[i: M, j: N] = s[i, j]
    let p[i: M, j: N] = softmax[j | j <= i](t[i, j])
    let o[i: M] = sum[j: N](p[i, j] * p[i, j])
    let b4[k: 7] = k
    let n4[j: N] = -1
    let s4[i: M, j: N] = (o[i] - sum[k: K](o[i])) + sum[k: N | k <= j](b4[n4[k]])
    let c[i: M, j: N] = exp(s4[i, j])
    let b9[k: 7] = k
    let n9[j: N] = -1
    let m9[i: M] = 7
    let u[i: M, j: N] = c[i, j] + b9[max(n9[j], m9[i])]
    let x[i: M, j: N] = u[i, j]
    let y[i: M] = max[j: N](x[i, j])
    let b13[k: 7] = k
    let n13[j: N] = -1
    let w[i: M, j: N] = if j < i or j == 0 { y[i] } else { 0.1 } + b13[n13[j]]
    let g[i: M, j: N] = w[i, j]
    let h[i: M] = sum[j: N // 2](g[i, 2])
    let b17[k: 7] = 0.25
    let n17[j: N] = 100
    let a[i: M, j: N] = max(h[clip(i, 0, M - 1)], o[i]) + tanh(b17[n17[j]])
    let _d[i: M, j: N] = a[i, j] + b17[n17[j]]
    out[k, i] = h[i] + y[i]
}
# > chained (variants.ml:139:1)

# Heads in one row of memory: of whose weights a place of the result needs the quotient alone.
export fn flat_heads(q: f32[N, H * K], k: f32[N, H * K], v: f32[N, H * K], slope: f32[H]) -> f32[N, H * K] {
    let s[h: H, i, j] = sum[d: K](q[i, h * K + d] * k[j, h * K + d]) / sqrt(K) - slope[h] * (i - j)
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j])
    out[i, c] = sum[j](p[c // K, i, j] * v[j, c])
}
# > flat_heads (variants.ml:170:1)
# >       loops: stream[j: N within bounds] (max, sum, sum)
# never: f32[H, N, N] stored
export fn flat_heads_64(y: f32[N, 1536]) -> f32[N, 512] {
    let s[h: 8, i, j] = sum[d: 64](y[i, h * 64 + d] * y[j, 512 + h * 64 + d]) / 8
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j])
    out[i, c] = sum[j](p[c // 64, i, j] * y[j, 1024 + c])
}
# > flat_heads_64 (variants.ml:178:1)
# >       loops: stream[j: N within bounds] (max, sum, sum)
# never: f32[8, N, N] stored

# Chunks of a size that the call gives; their quotients are asked for in each reduction.
export fn chunked(q: f32[H, N, D], k: f32[H, N, D], v: f32[H, N, D], c: int) -> f32[H, N, D] where c >= 1 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let p[h, i, j] = softmax[j | j <= i and j // c == i // c](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > chunked (variants.ml:188:1)
# >       loops: stream[j: N within bounds] (max, sum, sum)
# >       4 * H * N ^ 2 * D + 5 * H * N ^ 2 + 1 operations, reads 12 * H * N * D bytes, writes 4 * H * N * D bytes; bounds not counted

# What is not hidden, said by `not`; values through a function lie as the values do.
export fn not_hidden(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, E]) -> f32[H, T, E] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let p[h, i, j] = softmax[j | not (j > i + S - T or j < 4 and h == 0)](s[h, i, j])
    out[h, i, e] = sum[j](p[h, i, j] * silu(v[h, j, e]))
}
# > not_hidden (variants.ml:198:1)
# >   <library>/core.ml:37:43: f32[H, S, E] stored: its readers ask for each element several times
# >       loops: stream[j: S within bounds] (max, sum, sum)

# Pairs that are turned, as one sum of two products: as two sums.
export fn turned(qr: f32[H, N, D], qi: f32[H, N, D], kr: f32[H, N, D], ki: f32[H, N, D], v: f32[H, N, E]) -> f32[H, N, E] {
    let s[h, i, j] = sum[d](qr[h, i, d] * kr[h, j, d] + qi[h, i, d] * ki[h, j, d])
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j])
    out[h, i, e] = sum[j](p[h, i, j] * v[h, j, e])
}
# > turned (variants.ml:208:1)
# >       4 * H * N ^ 2 * D + 2 * H * N ^ 2 * E + 5 * H * N ^ 2 operations, reads 16 * H * N * D + 4 * H * N * E bytes, writes 4 * H * N * E bytes; bounds not counted

# Scores that a layer gives each token are as few as tokens: they are stored, and the layer is a product.
export fn pooled(x: f32[B, N, D], w: f32[D, K], u: f32[K]) -> f32[B, D] {
    let h = tanh(x @ w)
    let a[b, n] = softmax[n](sum[k](h[b, n, k] * u[k]))
    out[b, d] = sum[n](a[b, n] * x[b, n, d])
}
# > pooled (variants.ml:217:1)
# >   variants.ml:218:13: h: f32[B, N, K] stored: its loops would run inside another reduction

# Buckets of distances: a table of distances, whether they have a name or not, and no tensor of pairs.
fn bucket(n: int) -> int {
    let side = if n < 0 { 16 } else { 0 }
    let a = abs(n)
    let far = 8 + int(log(f32(max(a, 1)) / 8.0) / log(128.0 / 8.0) * 8.0)
    side + (if a < 8 { a } else { min(far, 15) })
}
export fn far_and_near(q: f32[H, N, D], k: f32[H, N, D], v: f32[H, N, D], table: f32[32, H]) -> f32[H, N, D] {
    let near[i: N, j: N] = bucket(i - j)
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let p[h, i, j] = softmax[j](s[h, i, j] + table[near[i, j], h])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > far_and_near (variants.ml:232:1)
# >   variants.ml:230:5: i64[2 * N] stored: its readers ask for each element several times
# >       loops: stream[j: N] (max, sum, sum)
# never: i64[N, N] stored
export fn decayed(q: f32[H, N, D], k: f32[H, N, D], v: f32[H, N, D], g: f32[H]) -> f32[H, N, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) * exp(g[h] * f32(j - i))
    out[h, i, d] = sum[j | j <= i](s[h, i, j] * v[h, j, d])
}
# > decayed (variants.ml:242:1)
# >   variants.ml:243:56: f32[H, 2 * N] stored: its readers ask for each element several times
# >       loops: stream[j: N within bounds] (sum)

# Angles by distance along the features are a table that is as large as queries and keys; what has no features of its own (filters of N exponentials) is none.
export fn angles(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], f: f32[D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d] * cos(f32(i - j) * f[d]))
    let p[h, i, j] = softmax[j](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > angles (variants.ml:251:1)
# >   variants.ml:252:55: f32[T + S, D] stored: its readers ask for each element several times
# >       loops: stream[j: S] (max, sum, sum)
export fn filters(u: f32[H, T], c: f32[H, N], a: f32[H, N]) -> f32[H, T] {
    out[h, i] = sum[j | j <= i](u[h, j] * sum[n](c[h, n] * exp(a[h, n] * f32(i - j))))
}
# > filters (variants.ml:259:1)
# >   variants.ml:260:43: f32[H, 2 * T] stored: its readers ask for each element several times
# never: f32[H, 2 * T, N] stored

# A result beside what each place has got from all rows: the maxima of rows are no parts of scores that are mixed.
export fn what_places_got(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> (f32[H, T, D], f32[H, S]) {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let p[h, i, j] = softmax[j | j <= i + S - T](s[h, i, j])
    let o[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
    let got[h, j] = sum[i](p[h, i, j])
    (o, got)
}
# > what_places_got (variants.ml:267:1)
# >       loops: stream[j: S within bounds] (max, sum, sum)
# >       loops: stream[i: T within bounds] (sum)

# Graph attention, heads last: scores of a node for all of its neighbours, and of all for one.
export fn graph(x: f32[N, C], w: f32[C, H, D], al: f32[H, D], ar: f32[H, D], adjacent: bool[N, N]) -> f32[N, H, D] {
    let z[n, h, d] = sum[c](x[n, c] * w[c, h, d])
    let l[n, h] = sum[d](z[n, h, d] * al[h, d])
    let r[n, h] = sum[d](z[n, h, d] * ar[h, d])
    let p[h, i, j] = softmax[j | adjacent[i, j]](0.2 * (l[i, h] + r[j, h]) + 0.8 * relu(l[i, h] + r[j, h]))
    out[i, h, d] = sum[j](p[h, i, j] * z[j, h, d])
}
# > graph (variants.ml:279:1)
# >       loops: contract[d: D] (sum), then stream[j: N] (max, sum, sum)
# never: f32[H, T, S] stored
# never: f32[H, N, N] stored
# Features of keys that cost something (linear attention) are keys: with a guard the scores are never stored.
export fn features(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, E]) -> f32[H, T, E] {
    let fq[h, i, d] = elu(q[h, i, d]) + 1.0
    let fk[h, j, d] = elu(k[h, j, d]) + 1.0
    let s[h, i, j] = sum[d](fq[h, i, d] * fk[h, j, d])
    let z[h, i] = sum[j | j <= i](s[h, i, j])
    out[h, i, e] = sum[j | j <= i](s[h, i, j] * v[h, j, e]) / z[h, i]
}
# >       loops: stream[j: T within bounds] (sum, sum)
# A sum over the pairs of all heads is one over rows of sums.
export fn all_heads(q: f32[H, T, D], k: f32[H, S, D], w: f32[H]) -> f32 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    sum[h, i, j](w[h] * sigmoid(s[h, i, j]))
}
# >       loops: stream[j: S] (sum)

# Scores of one head with a decay for each, written in the sum: what is made of each pair and head is a pass, the scores are stored for a strip.
export fn decayed_heads(x: f32[H, T, P], c: f32[H, T], q: f32[T, N], k: f32[T, N]) -> f32[H, T, P] {
    out[h, i, p] = sum[j | j <= i](sum[n](q[i, n] * k[j, n]) * exp(c[h, i] - c[h, j]) * x[h, j, p])
}
# > decayed_heads (variants.ml:307:1)
# >   variants.ml:308:36: f32[H, T, T] streamed: computed block by block in one pass over the axis that its reader reduces
# >   variants.ml:308:36: sum: f32[min(T, 64), T] stored: its readers ask for each element several times
# >   variants.ml:308:5: f32[H, min(T, 64), P] stored: a pass of its own
