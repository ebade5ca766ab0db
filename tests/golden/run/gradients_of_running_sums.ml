# Gradients by hand of attention whose weights have running sums along the keys: strips of 256 rows are blocks of what is summed over the rows. As differences,
# and as rows that are split in two.
fn weights(q: f32[H, T, D], k: f32[H, T, D]) -> f32[H, T, T] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    out[h, i, j] = if j < i { exp(log_sigmoid(s[h, i, j]) - sum[m | m > j and m < i](softplus(s[h, i, m]))) } else { 0.0 }
}
fn loss(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], g: f32[H, T, D]) -> f64 {
    let a = weights(q, k)
    sum[h, i, j](f64(a[h, i, j]) * f64(sum[d](g[h, i, d] * v[h, j, d])))
}
fn backward(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, D], g: f32[H, T, D]) -> (f32[H, T, D], f32[H, T, D], f32[H, T, D]) {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(f32(D))
    let a[h, i, j] = exp(log_sigmoid(s[h, i, j]) - sum[m | m > j and m < i](softplus(s[h, i, m])))
    let da[h, i, j] = sum[d](g[h, i, d] * v[h, j, d])
    let dl[h, i, j] = if j < i { a[h, i, j] * da[h, i, j] } else { 0.0 }
    let ds[h, i, j] = dl[h, i, j] * sigmoid(-s[h, i, j]) - sigmoid(s[h, i, j]) * sum[m | m < j](dl[h, i, m])
    let dq[h, i, d] = sum[j | j < i](ds[h, i, j] * k[h, j, d]) / sqrt(f32(D))
    let dk[h, j, d] = sum[i | j < i](ds[h, i, j] * q[h, i, d]) / sqrt(f32(D)) - 0.0 * v[h, j, d]
    let dv[h, j, d] = sum[i | j < i](a[h, i, j] * g[h, i, d])
    (dq, dk, dv)
}

let q[h: 2, i: 9, d: 3] = sin(f32(h * 5 + i * 7 + d * 3))
let k[h: 2, j: 9, d: 3] = cos(f32(h * 3 + j * 5 + d * 11))
let v[h: 2, j: 9, d: 3] = sin(f32(h + j * 3 + d * 13))
let g[h: 2, i: 9, d: 3] = cos(f32(h * 2 + i * 3 + d))
let (dq, dk, dv) = backward(q, k, v, g)
let x[h: 2, i: 9, d: 3] = 0.01 * sin(f32(h * 7 + i * 2 + d * 5))
let by_q = (loss(q + x, k, v, g) - loss(q - x, k, v, g)) / 2
let by_k = (loss(q, k + x, v, g) - loss(q, k - x, v, g)) / 2
let by_v = (loss(q, k, v + x, g) - loss(q, k, v - x, g)) / 2
print(abs(by_q - f64(sum[h, i, d](x[h, i, d] * dq[h, i, d]))) < 1e-5, abs(by_k - f64(sum[h, i, d](x[h, i, d] * dk[h, i, d]))) < 1e-5)
print(abs(by_v - f64(sum[h, i, d](x[h, i, d] * dv[h, i, d]))) < 1e-5, abs(by_q) > 1e-4, abs(by_k) > 1e-4)

# More rows than a strip: those behind the first ones add to what these have given; of rows whose gradient is 0, nothing.
let p[h: 1, i: 270, d: 2] = sin(f32(i * 7 + d * 3))
let r[h: 1, j: 270, d: 2] = cos(f32(j * 5 + d * 11))
let a[h: 1, i: 270, d: 2] = if i < 257 { cos(f32(i * 3 + d)) } else { 0.0 }
let (dq1, dk1, dv1) = backward(p, r, r, a)
let (dq2, dk2, dv2) = backward(p[:, 0:257], r[:, 0:257], r[:, 0:257], a[:, 0:257])
print(max[i: 257, d](abs(dk1[0, i, d] - dk2[0, i, d])) < 1e-6, max[i: 257, d](abs(dv1[0, i, d] - dv2[0, i, d])), max[i: 257, d](abs(dq1[0, i, d] - dq2[0, i, d])))
# > true true
# > true true true
# > true 0.0 0.0
