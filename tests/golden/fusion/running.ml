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

# Gradients: products over the rows of what runs along the keys, both ways, are blocks of strips of 256 rows, also in the middle of an element.
export fn backward(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], g: f32[H, T, D]) -> (f32[H, T, D], f32[H, T, D], f32[H, T, D]) {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let a[h, i, j] = exp(log_sigmoid(s[h, i, j]) - sum[m | m > j and m < i](softplus(s[h, i, m])))
    let da[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let dl[h, i, j] = if j < i { a[h, i, j] * da[h, i, j] } else { 0.0 }
    let ds[h, i, j] = dl[h, i, j] * sigmoid(-s[h, i, j]) - sigmoid(s[h, i, j]) * sum[m | m < j](dl[h, i, m])
    let dq[h, i, d] = sum[j | j < i](ds[h, i, j] * k[h, j, d]) / sqrt(f32(D))
    let dk[h, j, d] = sum[i | j < i](ds[h, i, j] * q[h, i, d]) / sqrt(f32(D))
    let dv[h, j, d] = sum[i | j < i](a[h, i, j] * g[h, i, d])
    (dq, dk, dv)
}
# > backward (running.ml:40:1)
# >   running.ml:41:5: s: f32[H, min(T, 256), T] stored: it has several readers
# >   running.ml:45:5: ds: f32[H, min(T, 256), T] stored: its readers ask for each element several times
# >   running.ml:47:23: f32[H, T, D] stored: a loop carries it from turn to turn

# Recurrences, accumulators that begin with a tensor, and what is counted from the other end, are running sums, too.
export fn recurrence(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    rec c[h, i, j: T] = if j < i { softplus(s[h, i, j]) + (c[h, i, j + 1] ?? 0.0) } else { 0.0 }
    out[h, i, d] = sum[j | j < i](exp(s[h, i, j] - c[h, i, j]) * v[h, j, d])
}
# > recurrence (running.ml:57:1)
# >       loops: stream[j: T within bounds] (sum)
# >   threads: 1 kernel
export fn accumulator(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let x[h, i, j] = if j < i { softplus(s[h, i, j]) } else { 0.0 }
    var c = x
    for j in 1..T { c[:, :, T - 1 - j] += c[:, :, T - j] }
    out[h, i, d] = sum[j | j < i](exp(s[h, i, j] - c[h, i, j]) * v[h, j, d])
}
# > accumulator (running.ml:65:1)
# >       loops: stream[j: T within bounds] (sum)
# >   threads: 1 kernel
export fn from_the_end(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let x[h, i, j: T] = if T - 1 - j < i { softplus(s[h, i, T - 1 - j]) } else { 0.0 }
    let c[h, i, j] = cumsum[j](x[h, i, j])
    out[h, i, d] = sum[j | j < i](exp(s[h, i, j] - c[h, i, T - 1 - j]) * v[h, j, d])
}
# > from_the_end (running.ml:75:1)
# >       loops: stream[j: T within bounds] (sum)
# >   threads: 1 kernel

# What runs along the rows is held for a strip of them, and the pass that reads it goes by strips.
export fn rows(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], f: f32[H, T]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    rec b[h, i: T, j: T] = if j < i { (b[h, i - 1, j] ?? 0.0) + f[h, i] } else { 0.0 }
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j] + b[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
# > rows (running.ml:86:1)
# >   running.ml:90:5: f32[H, min(T, 65), T] stored: a loop fills it
# >       loops: stream[j: T within bounds] (max, sum, sum)
# never: f32[H, T, T] stored
