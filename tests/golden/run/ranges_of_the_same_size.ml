## Two loops over as many places, but from different ones on, are two values.
fn parts(x: f32[N]) -> (f32, f32, f32) where N >= 5 = (sum[k: 0..3](x[k]), sum[k: 1..4](x[k]), max[k: 2..5](x[k]) - max[k: 0..3](x[k]))
fn places(n: int) -> (i64[n], i64) {
    let a[i: n] = sum[k: 1..4](k * i)
    (a, sum[k: 0..3](k) + 10 * sum[k: 2..5](k))
}
print(parts([1.0, 2.0, 4.0, 8.0, 16.0]), places(3))
# > (7.0, 14.0, 12.0) ([0, 6, 12], 93)
