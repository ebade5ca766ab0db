# Scores that are masked by a number are all computed: a guard would leave places out, and that is said once, with the place of the choice.
export fn added(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d]) + (if j <= i { 0 } else { -inf })
    let p[i, j] = softmax[j](s[i, j])
    out[i, e] = sum[j](p[i, j] * v[j, e])
}
# >   masks.ml:3:48: j is masked by a number, so all places are computed; the condition as a guard, [.. | condition], would leave out those that it masks
export fn chosen(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> f32[T, E] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j](if i < j { -1e9 } else { s[i, j] })
    out[i, e] = sum[j](p[i, j] * v[j, e])
}
# >   masks.ml:10:30: j is masked by a number, so all places are computed; the condition as a guard, [.. | condition], would leave out those that it masks
export fn counted(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> f32[T, E] {
    let s[i, j] = (sum[d](q[i, d] * k[j, d]) + f32(j > i) * -1e9) / sqrt(D)
    let p[i, j] = softmax[j](s[i, j])
    out[i, e] = sum[j](p[i, j] * v[j, e])
}
# >   masks.ml:15:48: j is masked by a number, so all places are computed; the condition as a guard, [.. | condition], would leave out those that it masks
export fn taken_off(q: f32[T, D], k: f32[S, D], v: f32[S, E]) -> f32[T, E] {
    let keep[i: T, j: S] = f32(j <= i)
    let s[i, j] = sum[d](q[i, d] * k[j, d]) - 1e9 * (1.0 - keep[i, j])
    let p[i, j] = softmax[j](s[i, j])
    out[i, e] = sum[j](p[i, j] * v[j, e])
}
# >   masks.ml:22:47: j is masked by a number, so all places are computed; the condition as a guard, [.. | condition], would leave out those that it masks

# A table of blocks whose size the call gives: that their number is inside of the table is known, so the guard asks for nothing that may fail.
export fn blocks_of_a_size(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], table: bool[H, N, N], X: int) -> f32[H, T, D] where X >= 1, N * X >= T {
    let p[h, i, j] = softmax[j | table[h, i // X, j // X]](sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D))
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > blocks_of_a_size (masks.ml:29:1)
# >       loops: stream[j: T] (max, sum, sum)

# Neighbours in two directions, how far the call says: one pass, bounded along the first.
export fn neighbours(q: f32[Y, X, D], k: f32[Y, X, D], v: f32[Y, X, D], R: int) -> f32[Y, X, D] {
    let p[y, x, w: Y, z: X] = softmax[w, z | abs(w - y) <= R and abs(z - x) <= R](sum[d](q[y, x, d] * k[w, z, d]))
    out[y, x, d] = sum[w, z](p[y, x, w, z] * v[w, z, d])
}
# > neighbours (masks.ml:37:1)
# >       loops: stream[w: Y * X within bounds] (max, sum, sum)
