# Running sums along the keys as recurrences, as accumulators and counted from the other end: in a pass as the same with sums over all.
fn stick(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let b[h, i, j: T] = sum[m](if m >= j and m < i { softplus(s[h, i, m]) } else { 0.0 })
    out[h, i, d] = sum[j | j < i](exp(s[h, i, j] - b[h, i, j]) * v[h, j, d])
}
fn by_rec(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let x[h, i, j] = if j < i { softplus(s[h, i, j]) } else { 0.0 }
    rec c[h, i, j] = x[h, i, j] + (c[h, i, j + 1] ?? 0.0)
    out[h, i, d] = sum[j | j < i](exp(s[h, i, j] - c[h, i, j]) * v[h, j, d])
}
fn by_choice(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    rec c[h, i, j: T] = if j < i { softplus(s[h, i, j]) + (c[h, i, j + 1] ?? 0.0) } else { 0.0 }
    out[h, i, d] = sum[j | j < i](exp(s[h, i, j] - c[h, i, j]) * v[h, j, d])
}
fn by_product(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let b[h, i, j] = if j < i { sigmoid(s[h, i, j]) } else { 0.0 }
    rec r[h, i, j: T] = (r[h, i, j + 1] ?? 1.0) * (1 - (b[h, i, j + 1] ?? 0.0))
    out[h, i, d] = sum[j](b[h, i, j] * r[h, i, j] * v[h, j, d])
}
fn from_the_end(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let x[h, i, j: T] = if T - 1 - j < i { softplus(s[h, i, T - 1 - j]) } else { 0.0 }
    let c[h, i, j] = cumsum[j](x[h, i, j])
    out[h, i, d] = sum[j | j < i](exp(s[h, i, j] - c[h, i, T - 1 - j]) * v[h, j, d])
}
fn accumulated(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let x[h, i, j] = if j < i { softplus(s[h, i, j]) } else { 0.0 }
    var y = x
    for j in 1..T { y[:, :, T - 1 - j] += y[:, :, T - j] }
    out[h, i, d] = sum[j | j < i](exp(s[h, i, j] - y[h, i, j]) * v[h, j, d])
}
fn forgetting(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], f: f32[H, T]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    rec b[h, i: T, j: T] = if j < i { b[h, i, j + 1] + f[h, j + 1] } else { 0.0 }
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j] + b[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn by_rows(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], f: f32[H, T]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    rec b[h, i: T, j: T] = if j < i { (b[h, i - 1, j] ?? 0.0) + f[h, i] } else { 0.0 }
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j] + b[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn selective(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] where H >= 1 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let x[i: T, j: T] = if j < i and j > 0 { relu(s[0, i, j]) } else { 0.0 }
    let m[i, j] = cumsum[i](x[i, j])
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j] - (m[i - 1, j] ?? 0.0))
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn selected(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D]) -> f32[H, T, D] where H >= 1 {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let x[i: T, j: T] = if j < i and j > 0 { relu(s[0, i, j]) } else { 0.0 }
    var m = x
    for i in 1..T { m[i] += m[i - 1] }
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j] - (m[i - 1, j] ?? 0.0))
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}

# What begins with another number than the operator's own is no running sum.
fn begins(x: f32[H, T]) -> f32[H] {
    rec c[h, i: T] = if i < 1 { 5.0 } else { c[h, i - 1] + x[h, i - 1] }
    out[h] = sum[i](c[h, i])
}
fn begins_so(x: f32[H, T]) -> f32[H] {
    rec c[h, i: T] = x[h, i] + (c[h, i - 1] ?? 5.0)
    out[h] = sum[i](c[h, i])
}
# One that stops running is another thing than one that has not begun.
fn stops(x: f32[H, T]) -> f32[H] {
    rec c[h, i: T] = if i < 3 { x[h, i] + (c[h, i - 1] ?? 0.0) } else { 0.0 }
    out[h] = sum[i](c[h, i])
}

fn near(a: f32[H, T, D], b: f32[H, T, D]) -> bool = max[h, i, d](abs(a[h, i, d] - b[h, i, d])) < 2e-5
let q[h: 2, i: 23, d: 4] = sin(f32(h * 5 + i * 7 + d * 3))
let k[h: 2, j: 23, d: 4] = cos(f32(h * 3 + j * 5 + d * 11))
let v[h: 2, j: 23, d: 4] = sin(f32(h + j * 3 + d * 13))
let f[h: 2, i: 23] = -0.1 * f32((h + i) % 4)
let a = stick(q, k, v)
print(near(a, by_rec(q, k, v)), near(a, by_choice(q, k, v)), near(a, from_the_end(q, k, v)), near(a, accumulated(q, k, v)))
print(near(a, by_product(q, k, v)), near(forgetting(q, k, v, f), by_rows(q, k, v, f)), near(selective(q, k, v), selected(q, k, v)))
let x[h: 2, i: 5] = f32(h + i)
print(begins(x), begins_so(x), stops(x))
let p[h: 1, i: 270, d: 2] = sin(f32(i * 7 + d * 3))
let y = by_rec(p, p, p)
print(near(y, from_the_end(p, p, p)), near(y[:, 0:256], by_choice(p[:, 0:256], p[:, 0:256], p[:, 0:256])))
# > true true true true
# > true true true
# > [35.0, 45.0] [45.0, 60.0] [4.0, 10.0]
# > true true
