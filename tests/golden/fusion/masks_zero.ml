# A factor that is 0.0 under a condition is no guard, which is said, but of a stream, where the other factor is asked for what is no finite number; what is chosen as a whole is one.
export fn factor(x: f32[N, M], w: f32[M, K]) -> f32[N, K] {
    out[i, k] = sum[j]((if j <= i { x[i, j] } else { 0.0 }) * w[j, k])
}
# >   masks_zero.ml:3:25: j is masked by a factor of 0.0, so all places are computed, as 0.0 times what is infinite is NaN; the condition as a guard, [.. | condition], would leave out those that it masks
# >       loops: contract[j: M] (sum)
export fn counted(x: f32[N, M], w: f32[M, K]) -> f32[N, K] {
    out[i, k] = sum[j](x[i, j] * f32(j > i) * w[j, k])
}
# >   masks_zero.ml:8:38: j is masked by a factor of 0.0, so all places are computed, as 0.0 times what is infinite is NaN; the condition as a guard, [.. | condition], would leave out those that it masks
export fn streamed(q: f32[T, D], k: f32[T, D], v: f32[T, D]) -> f32[T, D] {
    let p[i: T, j: T] = if j <= i { exp(sum[d](q[i, d] * k[j, d])) } else { 0.0 }
    out[i, d] = sum[j](p[i, j] * v[j, d])
}
# > streamed (masks_zero.ml:11:1)
# >       loops: stream[j: T within bounds] (sum)
export fn softmaxed(q: f32[T, D], k: f32[T, D], v: f32[T, D]) -> f32[T, D] {
    let s[i, j] = if j <= i { sum[d](q[i, d] * k[j, d]) / sqrt(D) } else { -inf }
    let p = softmax(s, axis: -1)
    out[i, d] = sum[j](p[i, j] * v[j, d])
}
# > softmaxed (masks_zero.ml:17:1)
# >       loops: stream[i: T within bounds] (max, sum, sum)
export fn whole(x: f32[N, M], w: f32[M]) -> (f32[N], f32[N], f32[N]) {
    let s[i] = sum[j](if j <= i { x[i, j] * w[j] } else { 0.0 })
    let m[i] = max[j](if i - j < 32 and j <= i { x[i, j] } else { -inf })
    let e[i] = sum[j](if j <= i { exp(x[i, j]) } else { 0.0 })
    (s, m, e)
}
# > whole (masks_zero.ml:24:1)
# >       loops: lanes[j: M within bounds] (sum)
# >       loops: lanes[j: M within bounds] (max)
# >       loops: lanes[j: M within bounds] (sum)
export fn scores(q: f32[T, D], k: f32[T, D]) -> f32[T] {
    out[i] = log(sum[j](if j <= i { exp(sum[d](q[i, d] * k[j, d])) } else { 0.0 }))
}
# > scores (masks_zero.ml:34:1)
# >       loops: stream[j: T within bounds] (sum)
# A window of 3 x 3 is written out: the choice stays.
export fn pool(x: f32[C, 2 * Y, 2 * X]) -> f32[C, Y, X] {
    out[c, i, j] = max[u: 3, v: 3](x[c, 2 * i + u - 1, 2 * j + v - 1] ?? -inf)
}
# > pool (masks_zero.ml:40:1)
# >       loops: lanes[u: 3, v: 3] (max)
