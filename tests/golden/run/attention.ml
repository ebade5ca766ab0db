## Two heads share one key head; the last query sees everything, the first only its past.
fn attention(q: f32[B, H, T, D], k: f32[B, G, S, D], v: f32[B, G, S, D]) -> f32[B, H, T, D] {
    let s[b, h, i, j] = sum[d](q[b, h, i, d] * k[b, h // (H / G), j, d]) / sqrt(D)
    let p[b, h, i, j] = softmax[j | j <= i + S - T](s[b, h, i, j])
    out[b, h, i, d] = sum[j](p[b, h, i, j] * v[b, h // (H / G), j, d])
}
let q = reshape([0.0, 0.0, 2.0, 4.0], 1, 2, 2, 1)
let k = reshape([0.0, 0.0, 1.0], 1, 1, 3, 1)
let v = reshape([3.0, 6.0, 12.0], 1, 1, 3, 1)
print(reshape(attention(q, k, v), 2, 2))
# > [[4.5, 7.0],
# >  [4.5, 11.73]]
