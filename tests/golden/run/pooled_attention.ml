## What is pooled over the rows of an attention, and central moments under its weights.
fn pooled(q: f32[T, D], k: f32[S, D], v: f32[S, D]) -> (f32[D], f32[D]) where T >= 1, S >= 1 {
    let p[i, j] = softmax[j | j <= i + 2](sum[d](q[i, d] * k[j, d]))
    let o[i, d] = sum[j](p[i, j] * v[j, d])
    let top[d] = max[i](o[i, d])
    let all[d] = mean[i](o[i, d])
    (top, all)
}
fn spread(q: f32[T, D], k: f32[S, D], v: f32[S, D]) -> (f32[T, D], f32[T, D]) where S >= 1 {
    let p[i, j] = softmax[j](sum[d](q[i, d] * k[j, d]))
    let m[i, d] = sum[j](p[i, j] * v[j, d])
    let c[i, d] = sum[j](p[i, j] * (v[j, d] - m[i, d]) ^ 2)
    let e[i, d] = sum[j](p[i, j] * v[j, d] ^ 2) - m[i, d] ^ 2
    (c, e)
}
# Values and keys are points.
fn points(q: f32[N, H, P, 3], k: f32[N, H, P, 3]) -> f32[N, H, P, 3] {
    let w[h, i, j] = softmax[j](-sum[p, a]((q[i, h, p, a] - k[j, h, p, a]) ^ 2) / 2)
    out[i, h, p, a] = sum[j](w[h, i, j] * k[j, h, p, a])
}
fn flat(q: f32[N, H, D], k: f32[N, H, D]) -> f32[N, H, D] {
    let w[h, i, j] = softmax[j](-sum[d]((q[i, h, d] - k[j, h, d]) ^ 2) / 2)
    out[i, h, d] = sum[j](w[h, i, j] * k[j, h, d])
}
let q[i: 37, d: 6] = f32((i * 7 + d * 3) % 11) / 8.0
let k[j: 50, d: 6] = f32((j * 5 + d) % 13) / 8.0
let v[j: 50, d: 6] = f32((j * 3 + d * 5) % 17) / 8.0
let (top, all) = pooled(q, k, v)
print(top[0:3], all[0:3])
let (c, e) = spread(q, k, v)
print(max(abs(c - e)) < 0.00001, c[0, 0:3])
let x[i: 40, h: 2, p: 4, a: 3] = f32((i * 7 + h * 5 + p * 3 + a) % 11) / 8.0
let y[i: 40, h: 2, p: 4, a: 3] = f32((i * 3 + h * 5 + p * 7 + a) % 13) / 8.0
let z = points(x, y)
print(max(abs(reshape(z, 40, 2, 12) - flat(reshape(x, 40, 2, 12), reshape(y, 40, 2, 12)))) < 0.00001, z[0, 0, 0])
# > [1.14, 1.213, 1.671] [0.9106, 0.889, 1.051]
# > true [0.3535, 0.3802, 0.3748]
# > true [0.5168, 0.5727, 0.667]
