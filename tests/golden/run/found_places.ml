## The element at a place that was found in the tensor itself, and weights with their transposed ones.
fn best(a: f32[N, D], b: f32[M, D]) -> (i64[N], f32[N], f32[N]) where M >= 1 {
    let s[i, j] = sum[d](a[i, d] * b[j, d])
    let r[i, j] = softmax[j](s[i, j])
    let c[i, j] = softmax[i](s[i, j])
    let p = r * c
    let at[i] = argmax[j](p[i, j])
    let top[i] = p[i, at[i]]
    let most[i] = max[j](p[i, j])
    (at, top, most)
}
# The best other place than the best one.
fn second(s: f32[N, M]) -> (i64[N], f32[N]) where M >= 2 {
    let e[i, j] = exp(s[i, j]) * 2.0
    let at[i] = argmax[j](e[i, j])
    let next[i] = argmax[j | j != at[i]](e[i, j])
    let gap[i] = e[i, at[i]] - e[i, next[i]]
    (next, gap)
}
fn both_ways(x: f32[N, D]) -> f32[N, D] {
    let p[i, j] = softmax[j](sum[d](x[i, d] * x[j, d]) * f32(i + 1))
    out[i, d] = sum[j]((p[i, j] + p[j, i]) * x[j, d])
}
fn stored(x: f32[N, D]) -> f32[N, D] {
    let p[i, j] = softmax[j](sum[d](x[i, d] * x[j, d]) * f32(i + 1))
    let t[i, j] = p[j, i]
    let u = p + t
    out[i, d] = sum[j](u[i, j] * x[j, d])
}
fn check(n: int) -> (bool, bool, bool, int, int) where n >= 1 {
    let a[i: n, d: 4] = f32((i * 5 + d * 3) % 13) / 6.0
    let b[i: n + 1, d: 4] = f32((i * 11 + d * 7) % 17) / 8.0
    let (at, top, most) = best(a, b)
    let s[i: n, j: n + 1] = f32((i * 3 + j * 5) % 23) / 16.0
    let (next, gap) = second(s)
    let y = both_ways(a)
    let z = stored(a)
    (all[i](top[i] == most[i]), all[i](gap[i] >= 0.0), all[i, d](abs(y[i, d] - z[i, d]) < 0.00001), at[0], next[0])
}
print(check(1), check(5), check(40), check(270))
# > (true, true, true, 1, 0) (true, true, true, 1, 3) (true, true, true, 15, 32) (true, true, true, 15, 32)
