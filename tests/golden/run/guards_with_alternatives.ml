# A guard with alternatives leaves of a block what any of them does: windows beside sinks, beside rows and columns that see all, two windows, places counted from the other end.
fn attend(q: f32[T, D], s: f32[T, T], kind: int, w: int, n: int) -> f32[D] where w >= 0, w < 1000, n >= 0, n < 1000 {
    let a[i, d] = sum[j](softmax[j | j <= i and (i - j < w or j < n)](s[i, j]) * q[j, d])
    let b[i, d] = sum[j](softmax[j | abs(i - j) < w or j < n or i < n](s[i, j]) * q[j, d])
    let c[i, d] = sum[j](softmax[j | not (abs(i - j) > n and (j < T - w or i >= n))](s[i, j]) * q[j, d])
    let e[i, d] = sum[j](softmax[j | (i - j >= 0 and i - j < n) or (i - j >= w and i - j < w + n) or j == i](s[i, j]) * q[j, d])
    let f[i, d] = sum[j](softmax[j | j + i < w or i + j > T or j == T - 1 - i](s[i, j]) * q[j, d])
    out[d] = sum[i](if kind == 0 { a[i, d] } else if kind == 1 { b[i, d] } else if kind == 2 { c[i, d] } else if kind == 3 { e[i, d] } else { f[i, d] }) / T
}
fn all(q: f32[T, D], s: f32[T, T], w: int, n: int) -> f32[5, D] where w >= 0, w < 1000, n >= 0, n < 1000 {
    let y = [attend(q, s, 0, w, n), attend(q, s, 1, w, n), attend(q, s, 2, w, n), attend(q, s, 3, w, n), attend(q, s, 4, w, n)]
    y
}
let q[i: 600, d: 2] = f32((i * 29 + d * 7) % 61) / 61.0
let s[i: 600, j: 600] = f32((i * 31 + j * 17) % 97) / 97.0
print(all(q, s, 40, 3))
print(all(q, s, 300, 1))
print(all(q, s, 0, 0))
# > [[0.4913, 0.4734],
# >  [0.4926, 0.4835],
# >  [0.4935, 0.4926],
# >  [0.4924, 0.4907],
# >  [0.4964, 0.493]]
# > [[0.4927, 0.4867],
# >  [0.4923, 0.4912],
# >  [0.4939, 0.492],
# >  [0.4933, 0.4922],
# >  [0.4942, 0.4919]]
# > [[0.0, 0.0],
# >  [0.0, 0.0],
# >  [0.4936, 0.4917],
# >  [0.4936, 0.4917],
# >  [0.4982, 0.4969]]
