# What runs along the keys goes on from block to block of a pass, upwards or from the last key down, where its operand is the identity outside of the guard, or
# the guard leaves out what stands behind. Else, and in both directions at once, rows are stored in strips.
export fn stick(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let a[h, i, j] = exp(s[h, i, j] - sum[m | m >= j and m < i](softplus(s[h, i, m])))
    out[h, i, d] = sum[j | j < i](a[h, i, j] * v[h, j, d])
}
# > stick (running.ml:3:1)
# >   running.ml:5:5: a: f32[H, T, T] streamed: computed block by block in one pass over the axis that its reader reduces
# >   running.ml:6:5: f32[H, T, D] stored: a result
# >   threads: 1 kernel

export fn upto(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let a[h, i, j: T] = exp(-prod[m | m <= j](sigmoid(s[h, i, m])))
    out[h, i, d] = sum[j | j <= i](a[h, i, j] * v[h, j, d])
}
# > upto (running.ml:13:1)
# >   running.ml:15:5: a: f32[H, T, T] streamed: computed block by block in one pass over the axis that its reader reduces
# >   threads: 1 kernel

export fn beyond(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let a[h, i, j: T] = exp(-sum[m | m >= j](sigmoid(s[h, i, m])))
    out[h, i, d] = sum[j | j <= i](a[h, i, j] * v[h, j, d])
}
# > beyond (running.ml:22:1)
# >   running.ml:24:46: f32[H, min(T, 64), T] stored: a loop fills it

export fn both(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let a[h, i, j: T] = exp(-sum[m | m >= j](sigmoid(s[h, i, m])))
    let b[h, i, j: T] = exp(-sum[m | m < j](sigmoid(s[h, i, m])))
    out[h, i, d] = sum[j](a[h, i, j] * b[h, i, j] * v[h, j, d])
}
# > both (running.ml:30:1)
# >   running.ml:32:46: f32[H, min(T, 64), T] stored: a loop fills it
