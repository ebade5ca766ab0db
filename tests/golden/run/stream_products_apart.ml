## Attention of one number a head in f16, over keys that are computed: the sum takes the products of weights and values apart, so
## scores must live until the weights are made, and are not overwritten before.
fn attend(q: f16[H, 1], k: f16[G, S, 1], v: f16[G, S, 1]) -> f16[H, 1] {
    let near[g, j, d] = k[g, j, d] + 0.5
    let s[h, j] = sum[d](q[h, d] * near[h // (H / G), j, d])
    let p[h, j] = softmax[j](s[h, j])
    out[h, d] = sum[j](p[h, j] * v[h // (H / G), j, d])
}
let q[b: 4, d: 1] = f16(2 * b)
let k[b: 2, c: 3, d: 1] = f16(b - c)
let v[b: 2, c: 3, d: 1] = f16(4 * b + c)
print(attend(q, k, v)[:, 0])
# > [1.0, 0.1492, 4.02, 4.0]
