# A packed weight that is used as a whole is copied for its user; a sum over all of it reads it where it lies.
model Lin(N, K) {
    param w: f32[N, K] = 0
}

export fn norm(net: Lin(N, K), x: f32[T, K]) -> (f32[T, N], f32) {
    let y[t, n] = sum[k](x[t, k] * net.w[n, k])
    let a = sum[n, k](net.w[n, k] ^ 2)
    (y, a)
}
# >   weight_whole.ml:6:16: net.w: f32[N, K] prepared: a weight that is read across rows: packed in panels when its handle is loaded
# >   weight_whole.ml:7:5: y: f32[T, N] stored: a result
# >   weight_whole.ml:8:13: a: f32[(N * K + 255) // 256] stored: parts of a reduction, which threads share
# >   threads: 4 kernels in 1 region, 1 barrier within it

export fn sorted(net: Lin(N, K), x: f32[T, K]) -> (f32[T, N], f32[N, K]) {
    let y[t, n] = sum[k](x[t, k] * net.w[n, k])
    let (a, _i) = sort(net.w)
    (y, a)
}
# >   weight_whole.ml:16:18: net.w: f32[N, K] prepared: a weight that is read across rows: packed in panels when its handle is loaded
# >   weight_whole.ml:16:18: net.w: f32[N, K] stored: a packed weight that is used as a whole
