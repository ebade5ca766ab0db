# A guard with alternatives leaves of a block what any of them does: windows beside sinks, beside rows and columns that see all, two windows, places counted from the other end.
fn all(q: f32[T, D], s: f32[T, T], w: int, n: int) -> f32[5, D] where w >= 0, w < 1000, n >= 0, n < 1000 {
    let a[i, d] = sum[j](softmax[j | j <= i and (i - j < w or j < n)](s[i, j]) * q[j, d])
    let b[i, d] = sum[j](softmax[j | abs(i - j) < w or j < n or i < n](s[i, j]) * q[j, d])
    let c[i, d] = sum[j](softmax[j | not (abs(i - j) > n and (j < T - w or i >= n))](s[i, j]) * q[j, d])
    let e[i, d] = sum[j](softmax[j | (i - j >= 0 and i - j < n) or (i - j >= w and i - j < w + n) or j == i](s[i, j]) * q[j, d])
    let f[i, d] = sum[j](softmax[j | j + i < w or i + j > T or j == T - 1 - i](s[i, j]) * q[j, d])
    out[k: 5, d] = sum[i](if k == 0 { a[i, d] } else if k == 1 { b[i, d] } else if k == 2 { c[i, d] } else if k == 3 { e[i, d] } else { f[i, d] }) / T
}
let q[i: 280, d: 1] = f32((i * 29 + d * 7) % 61) / 61.0
let s[i: 280, j: 280] = f32((i * 31 + j * 17) % 97) / 97.0
print(all(q, s, 40, 3))
print(all(q, s, 200, 1))
print(all(q, s, 0, 0))
# > [[0.4915],
# >  [0.4929],
# >  [0.4949],
# >  [0.492],
# >  [0.497]]
# > [[0.4943],
# >  [0.4931],
# >  [0.4956],
# >  [0.4937],
# >  [0.4947]]
# > [[0.0],
# >  [0.0],
# >  [0.4947],
# >  [0.4947],
# >  [0.4967]]
