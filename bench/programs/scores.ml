## Attention with changed scores, as text: each is causal, too. `more` is a slope of each head, the document of each place, or a sink of each head.
fn score(q: f32[B, H, T, D], k: f32[B, H, T, D]) -> f32[B, H, T, T] {
    out[b, h, i, j] = sum[d](q[b, h, i, d] * k[b, h, j, d]) / sqrt(D)
}

## Each query sees 128 keys.
export fn window(q: f32[B, H, T, D], k: f32[B, H, T, D], v: f32[B, H, T, D], _more: f32[N]) -> f32[B, H, T, D] {
    let s = score(q, k)
    let p[b, h, i, j] = softmax[j | j <= i and i - j < 128](s[b, h, i, j])
    out[b, h, i, d] = sum[j](p[b, h, i, j] * v[b, h, j, d])
}

## Far keys count less (ALiBi: Press et al. 2022).
export fn alibi(q: f32[B, H, T, D], k: f32[B, H, T, D], v: f32[B, H, T, D], more: f32[H]) -> f32[B, H, T, D] {
    let s = score(q, k)
    let p[b, h, i, j] = softmax[j | j <= i](s[b, h, i, j] - more[h] * f32(i - j))
    out[b, h, i, d] = sum[j](p[b, h, i, j] * v[b, h, j, d])
}

## Scores between -20 and 20 (Gemma 2).
export fn softcap(q: f32[B, H, T, D], k: f32[B, H, T, D], v: f32[B, H, T, D], _more: f32[N]) -> f32[B, H, T, D] {
    let s = score(q, k)
    let p[b, h, i, j] = softmax[j | j <= i](20 * tanh(s[b, h, i, j] / 20))
    out[b, h, i, d] = sum[j](p[b, h, i, j] * v[b, h, j, d])
}

## Several texts in a row: each sees itself.
export fn documents(q: f32[B, H, T, D], k: f32[B, H, T, D], v: f32[B, H, T, D], more: f32[T]) -> f32[B, H, T, D] {
    let s = score(q, k)
    let doc[i] = i32(more[i])
    let p[b, h, i, j] = softmax[j | j <= i and doc[i] == doc[j]](s[b, h, i, j])
    out[b, h, i, d] = sum[j](p[b, h, i, j] * v[b, h, j, d])
}

## A score of each head that takes part in the sum and gives nothing (Xiao et al. 2024).
export fn sink(q: f32[B, H, T, D], k: f32[B, H, T, D], v: f32[B, H, T, D], more: f32[H]) -> f32[B, H, T, D] {
    let s = score(q, k)
    let m[b, h, i] = max(max[j | j <= i](s[b, h, i, j]), more[h])
    let e[b, h, i, j] = exp(s[b, h, i, j] - m[b, h, i])
    let z[b, h, i] = sum[j | j <= i](e[b, h, i, j]) + exp(more[h] - m[b, h, i])
    out[b, h, i, d] = sum[j | j <= i](e[b, h, i, j] * v[b, h, j, d]) / z[b, h, i]
}
