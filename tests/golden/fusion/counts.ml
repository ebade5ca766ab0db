# Sums of counts: a count goes through its places once, whether its sum is known to fit (both are axes of one tensor) or is asked for in pieces.
export fn above(x: f32[T, V], m: f32[T]) -> int = sum[t](count[v](x[t, v] > m[t]))
# > above (counts.ml:2:1)
# >       loops: lanes[v: V] (count)
# >   threads: 2 kernels in 1 region, 1 barrier within it
export fn scores(q: f32[T, D], w: f32[V, D], m: f32[T]) -> int = sum[t](count[v](sum[d](q[t, d] * w[v, d]) > m[t]))
# > scores (counts.ml:6:1)
# >   counts.ml:6:73: n: i64[T] stored: its readers ask for each element several times
# >       loops: lanes[v: V] (count)
# >   -: sum: i64[(T + 16383) // 16384] stored: parts of a reduction, which threads share
