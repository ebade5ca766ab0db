## H query heads read the keys of G groups as if there were H.
fn f(q: f32[B, H, T, D], k: f32[B, G, S, D]) -> f32[B, H, T, S] {
    out[b, h, i, j] = sum[d](q[b, h, i, d] * k[b, h, j, d])
}
