## What is asked of all weights beside results of the same scores: the largest one, entropies, what each key has of all queries.
fn asked(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D]) -> (f32[H, T, D], f32[H, T], f32, f32[H, T], f32[S]) {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let p[h, i, j] = softmax[j | j <= i](s[h, i, j])
    let o[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
    let z[h, i] = logsumexp[j | j <= i](s[h, i, j])
    let e[h, i] = -sum[j | j <= i](p[h, i, j] * (s[h, i, j] - z[h, i]))
    let c[j] = mean[h, i](p[h, i, j])
    (o, z, max[h, i, j | j <= i and i > 0](exp(s[h, i, j] - z[h, i])), e, c)
}

let q[h: 3, i: 140, d: 8] = sin(f32(7 * h + 3 * i + 5 * d))
let k[h: 3, j: 150, d: 8] = cos(f32(2 * h + j * d))
let v[h: 3, j: 150, d: 8] = f32(j % 5 + d)
let (o, z, m, e, c) = asked(q, k, v)
let p[h, i, j] = softmax[j | j <= i](sum[d](q[h, i, d] * k[h, j, d]))
let largest = max[h, i, j | i > 0](p[h, i, j])
print(abs(m - largest) < 1e-6, m > 0.5, abs(sum(c) - 1.0) < 1e-5, c[149], e[1, 0], abs(sum(e) - sum[h, i](z[h, i] - sum[j](p[h, i, j] * sum[d](q[h, i, d] * k[h, j, d])))) < 1e-2)
print(abs(c[3] - mean[h, i](p[h, i, 3])) < 1e-7, o[0, 0, 2])
# > true true true 0.0 -0.0 true
# > true 2.0
