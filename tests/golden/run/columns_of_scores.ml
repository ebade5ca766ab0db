# What a row of attention asks of columns and of one row of the scores, compared with sums over stored pairs.
fn first(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] where T >= 1 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let p[h, i, j] = softmax[j](s[h, i, j] - s[h, 0, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn centred(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let m[h, j] = mean[i](s[h, i, j])
    let p[h, i, j] = softmax[j](s[h, i, j] - m[h, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn given(s: f32[H, T, S], m: f32[H, S], v: f32[H, S, D]) -> f32[H, T, D] {
    let p[h, i, j] = softmax[j](s[h, i, j] - m[h, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn far(x: f32[H, T, D], y: f32[H, T, D]) -> bool = all[h, t, d](abs(x[h, t, d] - y[h, t, d]) < 0.0001)

let q[h: 2, i: 21, d: 5] = sin(f32(h * 3 + i * 7 + d * 2))
let k[h: 2, j: 300, d: 5] = cos(f32(h * 5 + j * 3 + d))
let v[h: 2, j: 300, d: 5] = sin(f32(h + j * 2 + d * 5))
let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
let top[h, j] = s[h, 0, j]
let mid[h, j] = mean[i](s[h, i, j])
print(far(first(q, k, v), given(s, top, v)), far(centred(q, k, v), given(s, mid, v)))
# > true true
