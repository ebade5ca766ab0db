# Of a recurrence only what is read later is kept: two rows here, whatever T is.
export fn last(x: f32[T, D], decay: f32[D]) -> f32[D] where T >= 1 {
    rec h[t: T, d: D] = x[t, d] + decay[d] * (h[t - 1, d] ?? 0.0)
    out[d] = h[T - 1, d]
}
# >   memory between kernels: 64 * ((8 * D + 63) // 64) bytes

export fn distance(a: i32[N], b: i32[M]) -> f32 where N >= 1, M >= 1 {
    rec d[i: N, j: M] = (d[i - 1, j - 1] ?? 0.0) + min((d[i - 1, j] ?? 0.0), (d[i, j - 1] ?? 0.0)) + abs(f32(a[i] - b[j]))
    d[N - 1, M - 1]
}
# >   memory between kernels: 64 * ((8 * M + 63) // 64) bytes

export fn every(x: f32[T]) -> f32[T] {
    rec y[t] = x[t] + 0.5 * (y[t - 1] ?? 0.0)
    y
}
# > every (recurrences.ml:14:1)
# >   memory between kernels: 0 bytes
