# Scores whose mixture, guard or keys may fail: what may is looked for before, over the indices that it needs, and nothing is left of rows x places.

# A window of each head in 32 bits, to which a row's place is cut, before and behind the mixture.
export fn windows(q: f32[G, T, D], k: f32[G, S, D], v: f32[H, S, E], mix: f32[H, G], window: i32[H]) -> f32[H, T, E] {
    let a[g, t, j] = sum[d](q[g, t, d] * k[g, j, d])
    let p[h, t, j] = softmax[j | j <= t and j >= t - window[h]](sum[g](mix[h, g] * a[g, t, j]))
    out[h, t, e] = sum[j](p[h, t, j] * v[h, j, e])
}
# > windows (faults.ml:4:1)
# >   faults.ml:6:5: p: f32[H, T, S] streamed: computed block by block in one pass over the axis that its reader reduces; what may fault in it is looked for before, over [t: T, j: S]
# >       loops: stream[j: S within bounds] (max, sum, sum)
export fn windows_behind(q: f32[G, T, D], k: f32[G, S, D], v: f32[H, S, E], mix: f32[H, G], window: i32[G]) -> f32[H, T, E] {
    let p[g, t, j] = softmax[j | j <= t and j > t - window[g]](sum[d](q[g, t, d] * k[g, j, d]))
    let w[h, t, j] = sum[g](mix[h, g] * p[g, t, j])
    out[h, t, e] = sum[j](w[h, t, j] * v[h, j, e])
}
# > windows_behind (faults.ml:12:1)
# >       loops: stream[j: S within bounds] (max)
# >       loops: stream[j: S within bounds] (max, sum)
# >       loops: stream[j: S] (sum)

# Keys and values of a head, and of a place, by tables; a bias by a table of row and place.
export fn heads_by_table(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, E], mix: f32[H, H], at: i32[H]) -> f32[H, T, E] {
    let a[h, t, j] = sum[d](q[h, t, d] * k[at[h], j, d])
    let p[h: H, t, j] = softmax[j | j <= t](sum[g: H](mix[h, g] * a[g, t, j]))
    out[h, t, e] = sum[j](p[h, t, j] * v[at[h], j, e])
}
# > heads_by_table (faults.ml:23:1)
# >   faults.ml:24:5: a: f32[H, T, S] streamed: computed block by block in one pass over the axis that its reader reduces; what may fault in it is looked for before, over [h: H]
# >       loops: stream[j: S within bounds] (max, sum, sum)
export fn slots(q: f32[H, T, D], k: f32[N, H, D], v: f32[N, H, D], slot: i32[S], mix: f32[H, H]) -> f32[H, T, D] {
    let a[h, t, j] = sum[d](q[h, t, d] * k[slot[j], h, d])
    let p[h: H, t, j] = softmax[j](sum[g: H](mix[h, g] * a[g, t, j]))
    out[h, t, d] = sum[j](p[h, t, j] * v[slot[j], h, d])
}
# > slots (faults.ml:31:1)
# >   faults.ml:32:5: a: f32[H, T, S] streamed: computed block by block in one pass over the axis that its reader reduces; what may fault in it is looked for before, over [j: S]
# >       loops: stream[j: S] (max, sum, sum)
export fn bias(q: f32[G, T, D], k: f32[G, S, D], v: f32[H, S, E], mix: f32[H, G], bucket: i32[T, S], table: f32[N, G]) -> f32[H, T, E] {
    let a[g, t, j] = sum[d](q[g, t, d] * k[g, j, d]) + table[bucket[t, j], g]
    let p[h, t, j] = softmax[j | j <= t](sum[g](mix[h, g] * a[g, t, j]))
    out[h, t, e] = sum[j](p[h, t, j] * v[h, j, e])
}
# > bias (faults.ml:39:1)
# >   faults.ml:40:5: a: f32[G, T, S] streamed: computed block by block in one pass over the axis that its reader reduces; what may fault in it is looked for before, over [t: T, j: S]
# >       loops: stream[j: S within bounds] (max, sum, sum)
# never: f32[G, T, S] stored
# never: f32[H, T, S] stored
