## Attention of one new query against a cache of keys and values; heads share them in groups. Query i sees keys up to i + S - T.
export fn decode(q: f32[B, H, T, D], k: f32[B, G, S, D], v: f32[B, G, S, D]) -> f32[B, H, T, D] {
    let s[b, h, i, j] = sum[d](q[b, h, i, d] * k[b, h // (H / G), j, d]) / sqrt(D)
    let p[b, h, i, j] = softmax[j | j <= i + S - T](s[b, h, i, j])
    out[b, h, i, d] = sum[j](p[b, h, i, j] * v[b, h // (H / G), j, d])
}
