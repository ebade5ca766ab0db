## Attention whose windows are written as ranges: ends that differ by row, by head, by a table; in two dimensions; with few places or none; weights and
## scores named or not. Each beside the same under a guard, and a row alone beside the same row among others.
# long
fn window(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: int) -> f32[H, T, D] where w >= 1 {
    let e[h, i, j] = exp(sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D))
    let z[h, i] = sum[j: max(0, i - w + 1)..i + 1](e[h, i, j])
    out[h, i, d] = sum[j: max(0, i - w + 1)..i + 1](e[h, i, j] * v[h, j, d]) / z[h, i]
}
fn inline(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: int) -> f32[H, T, D] where w >= 1 {
    let m[h, i] = max[j: max(0, i - w + 1)..i + 1](sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D))
    let e[h, i, j] = exp(sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D) - m[h, i])
    out[h, i, d] = sum[j: max(0, i - w + 1)..i + 1](e[h, i, j] * v[h, j, d]) / sum[j: max(0, i - w + 1)..i + 1](e[h, i, j])
}
fn guarded(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], w: int) -> f32[H, T, D] {
    let p[h, i, j] = softmax[j | 0 <= i - j < w](sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D))
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
## Around the row, of other places than rows; how many of them lie above its mean, and the place of the best.
fn around(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], w: int, at: int) -> (f32[H, T, D], int[H, T], int[H, T]) where w >= 1, at >= 0 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let m[h, i] = max[j: max(0, i + at - w)..min(S, i + at + w + 1)](s[h, i, j])
    let z[h, i] = sum[j: max(0, i + at - w)..min(S, i + at + w + 1)](exp(s[h, i, j] - m[h, i]))
    let o[h, i, d] = sum[j: max(0, i + at - w)..min(S, i + at + w + 1)](exp(s[h, i, j] - m[h, i]) / z[h, i] * v[h, j, d])
    let n[h, i] = count[j: max(0, i + at - w)..min(S, i + at + w + 1)](s[h, i, j] > 0.0)
    let b[h, i] = argmax[j: max(0, i + at - w)..min(S, i + at + w + 1)](s[h, i, j])
    (o, n, b)
}
fn around_guard(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], w: int, at: int) -> (f32[H, T, D], int[H, T], int[H, T]) {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let p[h, i, j] = softmax[j | abs(i + at - j) <= w](s[h, i, j])
    let o[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
    let n[h, i] = count[j | abs(i + at - j) <= w](s[h, i, j] > 0.0)
    let b[h, i] = argmax[j | abs(i + at - j) <= w](s[h, i, j])
    (o, n, b)
}
## Sequences in one row: where each token's begins and ends.
fn packed(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], from: int[T], to: int[T]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let m[h, i] = max[j: from[i]..to[i]](s[h, i, j])
    let e[h, i, j] = exp(s[h, i, j] - m[h, i])
    out[h, i, d] = sum[j: from[i]..to[i]](e[h, i, j] * v[h, j, d]) / sum[j: from[i]..to[i]](e[h, i, j])
}
fn packed_guard(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], from: int[T], to: int[T]) -> f32[H, T, D] {
    let p[h, i, j] = softmax[j | j >= from[i] and j < to[i]](sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D))
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
## A picture's neighbours.
fn near(q: f32[R, C, D], k: f32[R, C, D], v: f32[R, C, D], w: int) -> f32[R, C, D] where w >= 1 {
    let s[y, x, u, t] = sum[d](q[y, x, d] * k[u, t, d])
    let m[y, x] = max[u: max(0, y - w)..min(R, y + w + 1), t: max(0, x - w)..min(C, x + w + 1)](s[y, x, u, t])
    let e[y, x, u, t] = exp(s[y, x, u, t] - m[y, x])
    let z[y, x] = sum[u: max(0, y - w)..min(R, y + w + 1), t: max(0, x - w)..min(C, x + w + 1)](e[y, x, u, t])
    out[y, x, d] = sum[u: max(0, y - w)..min(R, y + w + 1), t: max(0, x - w)..min(C, x + w + 1)](e[y, x, u, t] * v[u, t, d]) / z[y, x]
}
fn near_guard(q: f32[R, C, D], k: f32[R, C, D], v: f32[R, C, D], w: int) -> f32[R, C, D] {
    let p[y, x, u, t] = softmax[u, t | abs(y - u) <= w and abs(x - t) <= w](sum[d](q[y, x, d] * k[u, t, d]))
    out[y, x, d] = sum[u, t](p[y, x, u, t] * v[u, t, d])
}
## A vector for each distance, which there is inside of the window only; nothing is left of what lies outside.
fn biased(q: f32[T, D], k: f32[T, D], v: f32[T, D], b: f32[W]) -> f32[T, D] where W >= 1 {
    let z[i] = sum[j: max(0, i - W + 1)..i + 1](exp(sum[d](q[i, d] * k[j, d]) + b[i - j]))
    out[i, d] = sum[j: max(0, i - W + 1)..i + 1](exp(sum[e](q[i, e] * k[j, e]) + b[i - j]) * v[j, d]) / z[i]
}
fn biased_guard(q: f32[T, D], k: f32[T, D], v: f32[T, D], b: f32[W]) -> f32[T, D] {
    let p[i, j] = softmax[j | 0 <= i - j < W](sum[d](q[i, d] * k[j, d]) + b[i - j])
    out[i, d] = sum[j](p[i, j] * v[j, d])
}

let q[h: 2, i: 280, d: 4] = f32((h * 7 + d * 3 + i * 5) % 23) * 0.1 - 1.0
let k[h: 2, i: 280, d: 4] = f32((h * 5 + d * 13 + i * 2) % 17) / 9.0 - 1.0
let v[h: 2, i: 280, d: 4] = f32((h * 5 + d * 13 + i * 7) % 19) / 9.0 - 1.0
fn apart(a: f32[H, T, D], b: f32[H, T, D]) -> bool = max[h, i, d](abs(a[h, i, d] - b[h, i, d])) < 0.00001
let o = window(q, k, v, 70)
print(o[1, 279], apart(o, guarded(q, k, v, 70)), apart(inline(q, k, v, 70), guarded(q, k, v, 70)), apart(window(q, k, v, 1), v))
let short = window(q[:, :40], k[:, :40], v[:, :40], 7)
let long = window(q, k, v, 7)
print(max[h: 2, i: 40, d: 4](abs(short[h, i, d] - long[h, i, d])))
# Equal, also where every row lies in other blocks than those of its range.
let (a, n, b) = around(q[:, :60], k, v, 40, 100)
let (a2, n2, b2) = around_guard(q[:, :60], k, v, 40, 100)
print(apart(a, a2), sum[h, i](abs(n[h, i] - n2[h, i])), sum[h, i](abs(b[h, i] - b2[h, i])), n[1, 59], b[1, 3])
# Rows without a place: what is divided by nothing.
let (c, cn, cb) = around(q[:, :9], k[:, :20], v[:, :20], 3, 20)
print(c[1, 2, 0] < 9.0, c[1, 5, 0] == c[1, 5, 0], cn[0, 8], cb[0, 8], cb[0, 0])
let from[i: 280] = if i < 100 { 0 } else { if i < 270 { 100 } else { 270 } }
let to[i: 280] = if i < 100 { 100 } else { if i < 270 { 270 } else { 280 } }
let upto[i: 280] = i + 1
print(apart(packed(q, k, v, from, to), packed_guard(q, k, v, from, to)), apart(packed(q, k, v, from, upto), packed_guard(q, k, v, from, upto)))
let y = reshape(q[0], 14, 20, 4)
let u = reshape(k[0], 14, 20, 4)
let w = reshape(v[0], 14, 20, 4)
print(apart(near(y, u, w, 3), near_guard(y, u, w, 3)), apart(near(y, u, w, 30), near_guard(y, u, w, 30)))
let bias[g: 33] = 0.1 * f32(g % 5)
let ob = biased(q[0], k[0], v[0], bias)
let og = biased_guard(q[0], k[0], v[0], bias)
print(max[i, d](abs(ob[i, d] - og[i, d])) < 0.00001)
# > [-0.01197, -0.02568, -0.01255, -0.02179] true true true
# > 0.0
# > true 0 0 58 63
# > true true 0 -1 19
# > true true
# > true true
# > true
