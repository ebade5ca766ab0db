## Masks that functions say: the same bits as those that are written out, and the function's faults.
fn seen(i: int, j: int, w: int) -> bool {
    if j > i { return false }
    if j < 4 { return true }
    i - j < w
}
fn other(i: int, j: int, seg: i64[N]) -> bool { if j > i { false } else { if j == i { true } else { seg[i] == seg[j] } } }
fn region(y: int, n: int, w: int) -> int = if y < n - w { 0 } else { if y < n - w // 2 { 1 } else { 2 } }
fn attend(x: f32[T, D], w: int, seg: i64[T]) -> (f32[T, D], f32[T, D], f32[T, D]) {
    let s[i, j] = sum[d](x[i, d] * x[j, d])
    let a[i, j] = softmax[j | seen(i, j, w)](s[i, j])
    let b[i, j] = softmax[j | other(i, j, seg)](s[i, j])
    let c[i, j] = softmax[j | region(i, T, w) == region(j, T, w)](s[i, j])
    let ao[i, d] = sum[j](a[i, j] * x[j, d])
    let bo[i, d] = sum[j](b[i, j] * x[j, d])
    let co[i, d] = sum[j](c[i, j] * x[j, d])
    (ao, bo, co)
}
fn written(x: f32[T, D], w: int, seg: i64[T]) -> (f32[T, D], f32[T, D], f32[T, D]) {
    let s[i, j] = sum[d](x[i, d] * x[j, d])
    let a[i, j] = softmax[j | j <= i and (j < 4 or i - j < w)](s[i, j])
    let b[i, j] = softmax[j | j <= i and (j == i or seg[i] == seg[j])](s[i, j])
    let c[i, j] = softmax[j | (i < T - w) == (j < T - w) and (i < T - w // 2) == (j < T - w // 2)](s[i, j])
    let ao[i, d] = sum[j](a[i, j] * x[j, d])
    let bo[i, d] = sum[j](b[i, j] * x[j, d])
    let co[i, d] = sum[j](c[i, j] * x[j, d])
    (ao, bo, co)
}
fn same(n: int) -> bool where n >= 1 {
    let x[i: n, d: 5] = f32((i * 7 + d * 3) % 11) / 8.0
    let seg[i: n] = i // 5 % 3
    let (a, b, c) = attend(x, 7, seg)
    let (e, f, g) = written(x, 7, seg)
    all[i, d](a[i, d] == e[i, d]) and all[i, d](b[i, d] == f[i, d]) and all[i, d](c[i, d] == g[i, d])
}
print(same(3), same(17), same(300))
let y[i: 3, d: 2] = f32(i + d)
let (a, b, c) = attend(y, 9223372036854775807, [0, 0, 1])
print(a)
# > true true true
# > [[0.0, 1.0],
# >  [0.9526, 1.953],
# >  [1.993, 2.993]]
