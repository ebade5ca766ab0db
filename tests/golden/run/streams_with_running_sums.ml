# Running sums, products and extremes along the keys in a pass over these: ascending, and from the last key down, beside guards, for several heads, one row, and
# more places than a block. As the same written with sums over all.
fn below(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let a[h, i, j: S] = sigmoid(s[h, i, j]) * prod[m | m > j and m < i](1 - sigmoid(s[h, i, m]))
    out[h, i, d] = sum[j | j < i](a[h, i, j] * v[h, j, d])
}
fn window(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], w: int) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let a[h, i, j: S] = exp(s[h, i, j] - sum[m | m >= j and m <= i and m > i - w](softplus(s[h, i, m])))
    out[h, i, d] = sum[j | j <= i and j > i - w](a[h, i, j] * v[h, j, d])
}
fn upto(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let a[h, i, j: S] = exp(-0.1 * sum[m | m <= j](softplus(s[h, i, m])))
    out[h, i, d] = sum[j | j <= i](a[h, i, j] * v[h, j, d])
}
fn soft(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let g[h, i, j: S] = sum[m | m > j and m <= i](log_sigmoid(s[h, i, m]))
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j] + g[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn masked(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], on: bool[H, S]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let g[h, i, j: S] = sum[m | m >= j and m <= i and on[h, m]](sigmoid(s[h, i, m]))
    out[h, i, d] = sum[j | j <= i and on[h, j]](exp(s[h, i, j] - g[h, i, j]) * v[h, j, d])
}
fn grouped(q: f32[2 * H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[2 * H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h // 2, j, d]) / sqrt(f32(D))
    let a[h, i, j: S] = exp(s[h, i, j] - sum[m | m >= j and m < i](softplus(s[h, i, m])))
    out[h, i, d] = sum[j | j < i](a[h, i, j] * v[h // 2, j, d])
}
fn stick(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let c[h, i, j: S] = cumsum[j](if j < i { softplus(s[h, i, S - 1 - j]) } else { 0.0 })
    let b[h, i, j: S] = sum[m](if m >= j and m < i { softplus(s[h, i, m]) } else { 0.0 })
    out[h, i, d] = sum[j | j < i](exp(s[h, i, j] - b[h, i, j] + 0.0 * c[h, i, j]) * v[h, j, d])
}
fn extremes(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let a[h, i, j: S] = max[m | m >= j](s[h, i, m])
    let b[h, i, j: S] = min[m | m >= j](s[h, i, m])
    out[h, i, d] = sum[j](exp(s[h, i, j] - a[h, i, j]) * sigmoid(b[h, i, j]) * v[h, j, d])
}

# Sums of a choice are none that run.
fn plain_below(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let a[h, i, j: S] = sigmoid(s[h, i, j]) * prod[m](if m > j and m < i { 1 - sigmoid(s[h, i, m]) } else { 1.0 })
    out[h, i, d] = sum[j | j < i](a[h, i, j] * v[h, j, d])
}
fn plain_window(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], w: int) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let a[h, i, j: S] = exp(s[h, i, j] - sum[m](if m >= j and m <= i and m > i - w { softplus(s[h, i, m]) } else { 0.0 }))
    out[h, i, d] = sum[j | j <= i and j > i - w](a[h, i, j] * v[h, j, d])
}
fn plain_upto(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let a[h, i, j: S] = exp(-0.1 * sum[m](if m <= j { softplus(s[h, i, m]) } else { 0.0 }))
    out[h, i, d] = sum[j | j <= i](a[h, i, j] * v[h, j, d])
}
fn plain_soft(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let g[h, i, j: S] = sum[m](if m > j and m <= i { log_sigmoid(s[h, i, m]) } else { 0.0 })
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j] + g[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn plain_masked(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], on: bool[H, S]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let g[h, i, j: S] = sum[m](if m >= j and m <= i and on[h, m] { sigmoid(s[h, i, m]) } else { 0.0 })
    out[h, i, d] = sum[j | j <= i and on[h, j]](exp(s[h, i, j] - g[h, i, j]) * v[h, j, d])
}

fn near(a: f32[H, T, D], b: f32[H, T, D]) -> bool = max[h, i, d](abs(a[h, i, d] - b[h, i, d])) < 2e-5
let q[h: 2, i: 23, d: 4] = sin(f32(h * 5 + i * 7 + d * 3))
let k[h: 2, j: 31, d: 4] = cos(f32(h * 3 + j * 5 + d * 11))
let v[h: 2, j: 31, d: 4] = sin(f32(h + j * 3 + d * 13))
let on[h: 2, j: 31] = (h + j) % 3 != 0
print(near(below(q, k, v), plain_below(q, k, v)), near(window(q, k, v, 6), plain_window(q, k, v, 6)), near(upto(q, k, v), plain_upto(q, k, v)))
print(near(soft(q, k, v), plain_soft(q, k, v)), near(masked(q, k, v, on), plain_masked(q, k, v, on)))
print(near(grouped(q, k[0:1], v[0:1])[1:2], stick(q[1:2], k[0:1], v[0:1])))
let e = extremes(q, k, v)
print(near(e[:, 22:23], extremes(q[:, 22:23], k, v)))          # one row alone has the same values

# More than a block: a row does not see how many keys stand behind it.
let p[h: 1, i: 300, d: 2] = sin(f32(i * 7 + d * 3))
let r[h: 1, j: 600, d: 2] = cos(f32(j * 5 + d * 11)) - 1.0
let x = below(p, r, r)
let y = below(p, r[:, 0:300], r[:, 0:300])
print(near(x, y), max[i, d](abs(x[0, i, d] - y[0, i, d])))
# > true true true
# > true true
# > true
# > true
# > true 0.0
