# Reductions under a[i] == j: each segment takes its values in ascending i; keys outside of the range belong to none.
fn sums(a: i32[N], x: f32[N, D], M: int) -> f32[M, D] {
    out[j, d] = sum[i | a[i] == j](x[i, d])
}
fn stats(a: i32[N], x: f32[N], M: int) -> (f32[M], i64[M], f32[M], f32[M], i64[M], i64[M]) {
    let n[j: M] = count[i | a[i] == j](x[i] > 0)
    let m[j: M] = mean[i | a[i] == j](x[i])
    let hi[j: M] = max[i | a[i] == j](x[i])
    let lo[j: M] = min[i | a[i] == j](x[i])
    let at[j: M] = argmax[i | a[i] == j](x[i])
    let least[j: M] = argmin[i | a[i] == j and x[i] > 0](x[i])
    (m, n, hi, lo, at, least)
}
fn logic(a: i32[N], x: f32[N], M: int) -> (bool[M], bool[M], f32[M]) {
    let p[j: M] = all[i | a[i] == j](x[i] > 0)
    let q[j: M] = any[i | a[i] == j](x[i] > 2)
    let r[j: M] = prod[i | a[i] == j](x[i])
    (p, q, r)
}
fn cells(a: i32[N], b: i64[N], x: f32[N]) -> f32[3, 2] {
    out[j, k] = sum[i | a[i] == j and b[i] == k](x[i])
}
fn batched(a: i32[B, N], x: f32[B, N, D], M: int) -> f32[B, M, D] {
    out[b, j, d] = sum[i | a[b, i] == j](x[b, i, d])
}
fn softmaxes(a: i32[N], x: f32[N], M: int) -> f32[N] where M >= 1 {
    let m[j: M] = max[i | a[i] == j](x[i])
    let l[j: M] = sum[i | a[i] == j](exp(x[i] - m[j]))
    out[i] = exp(x[i] - m[a[i]]) / l[a[i]]
}
fn spread(a: i32[N], x: f32[N], M: int) -> f32[M] {
    out[j] = sum[i | a[i] == j]((x[i] - mean[k | a[k] == j](x[k])) ^ 2)
}
fn nested(a: i32[N], x: f32[N], M: int) -> f32 = sum[j: M](sum[i | a[i] == j](x[i]) ^ 2)
fn weighted(a: i32[N], x: f32[N], w: f32[M, K], y: f32[N, K]) -> f32[M] {
    out[j] = sum[i | a[i] == j and w[j, 0] > 0](x[i] * sum[k](w[j, k] * y[i, k]))
}
fn columns(a: i32[N, D], x: f32[N, D], M: int) -> f32[M, D] {
    out[j, d] = sum[i | a[i, d] == j and x[i, d] > 1](x[i, d])
}
fn half(a: i32[N], x: f16[N], M: int) -> f16[M] {
    out[j] = sum[i | a[i] == j](x[i])
}
fn brain(a: i32[N], x: bf16[N], M: int) -> bf16[M] {
    out[j] = mean[i | a[i] == j](x[i])
}
fn pairs(pick: i32[N, R], g: f32[N, R], x: f32[N, D], E: int) -> f32[E, D] {
    out[e, d] = sum[n, r | pick[n, r] == e](g[n, r] * x[n, d])
}
fn shifted(a: i32[N], x: f32[N]) -> f32[3] {
    let y[j: 2..5] = sum[i | a[i] == j](x[i])
    y
}
fn inverse(a: i32[N], M: int) -> i64[M] {
    out[j] = argmax[i | a[i] == j](1)
}
fn long(a: u64[N], x: i32[N], M: int) -> i32[M] {
    out[j] = sum[i | a[i] == j](x[i])
}
fn messages(source: i32[E], target: i32[E], x: f32[V, D]) -> f32[V, D] {
    out[v, d] = sum[e | target[e] == v](relu(x[source[e], d]))
}
fn ordered(a: i32[N], x: f32[N], M: int) -> f32[M] {
    out[j] = sum[i | a[i] == j and i >= 1 and x[i] > x[i - 1]](x[i] - x[i - 1])
}
fn empty(a: i32[N], x: f32[N], M: int) -> (f32[M], i64[M]) {
    let m[j: M] = max[i | a[i] == j](x[i])
    let k[j: M] = argmin[i | a[i] == j](x[i])
    (m, k)
}
let a: i32[6] = [1, 0, 1, 3, -1, 7]
let x: f32[6] = [1.5, 2.0, -0.25, 4.0, 100.0, 200.0]
let x2: f32[6, 2] = [[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0], [5.0, 50.0], [6.0, 60.0]]
print(sums(a, x2, 4))
print(stats(a, x, 4))
print(logic(a, x, 4))
print(cells(i32([0, 2, 1, 2]), i64([1, 0, 1, 0]), [1.0, 2.0, 3.0, 4.0]))
print(batched(i32([[0, 1], [1, 1]]), [[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]], 2))
print(softmaxes(i32([0, 1, 0, 2]), [1.0, 2.0, 3.0, 4.0], 3))
print(spread(a, x, 4), nested(a, x, 4))
print(weighted(i32([0, 1, 1]), [1.0, 2.0, 3.0], [[1.0, 2.0], [0.5, 1.0]], [[1.0, 1.0], [2.0, 2.0], [3.0, 4.0]]))
print(columns(i32([[0, 1], [1, 0], [0, 0]]), [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], 2))
print(half(a, f16(x), 4), brain(a, bf16(x), 4))
print(pairs(i32([[0, 1], [2, 1]]), [[0.5, 0.5], [0.25, 0.75]], [[1.0, 2.0], [3.0, 4.0]], 3))
print(shifted(i32([4, 2, 2, 1]), [1.0, 2.0, 3.0, 4.0]))
print(inverse(i32([2, 0, 1]), 3), long(u64([2, 0, 2]), i32([5, 6, 7]), 3))
print(messages(i32([0, 1, 0]), i32([1, 1, 2]), [[1.0, -2.0], [3.0, 4.0], [0.0, 0.0]]))
print(ordered(i32([0, 1, 0, 1]), [1.0, 3.0, 2.0, 5.0], 2))
let none: i32[0] = 0
let nothing: f32[0] = 0
print(empty(none, nothing, 2))
# > [[2.0, 20.0],
# >  [4.0, 40.0],
# >  [0.0, 0.0],
# >  [4.0, 40.0]]
# > ([2.0, 0.625, 0.0, 4.0], [1, 1, 0, 1], [2.0, 1.5, -inf, 4.0], [2.0, -0.25, inf, 4.0], [1, 0, -1, 3], [1, 0, -1, 3])
# > ([true, false, true, true], [false, false, false, true], [2.0, -0.375, 1.0, 4.0])
# > [[0.0, 1.0],
# >  [0.0, 3.0],
# >  [6.0, 0.0]]
# > [[[1.0, 2.0],
# >   [3.0, 4.0]],
# >  [[0.0, 0.0],
# >   [12.0, 14.0]]]
# > [0.1192, 1.0, 0.8808, 1.0]
# > [0.0, 1.531, 0.0, 0.0] 21.56
# > [3.0, 22.5]
# > [[5.0, 10.0],
# >  [3.0, 2.0]]
# > [2.0, 1.25, 0.0, 4.0] [2.0, 0.625, 0.0, 4.0]
# > [[0.5, 1.0],
# >  [2.75, 4.0],
# >  [0.75, 1.0]]
# > [5.0, 0.0, 1.0]
# > [1, 2, 0] [6, 0, 12]
# > [[0.0, 0.0],
# >  [4.0, 4.0],
# >  [1.0, 0.0]]
# > [0.0, 5.0]
# > ([-inf, -inf], [-1, -1])
