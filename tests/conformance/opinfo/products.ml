## Products of matrices and attention: the scores of all pairs, and their mixture of v.

fn attend(score: float[.., L, S], v: float[.., S, D]) -> (float[.., L, D], float[.., L, S]) {
    let p = softmax(score, axis: -1)
    (p @ v, p)
}
fn scaled_score(q: float[.., L, D], k: float[.., S, D], scale: real) -> float[.., L, S] {
    out[.., i, j] = scale * sum[d](q[.., i, d] * k[.., j, d])
}
## H heads of G: head h reads head h // (H / G).
fn take_heads(x: float[.., G, S, D], n: int) -> float[.., n, S, D] {
    out[.., h: n, j, d] = x[.., h // (n // G), j, d]
}
fn causal(s: float[.., L, S]) -> float[.., L, S] {
    out[.., i, j] = if j <= i { s[.., i, j] } else { -inf }
}
fn masked(s: float[.., L, S], mask: bool[.., L, S]) -> float[.., L, S] {
    out[.., i, j] = if mask[.., i, j] { s[.., i, j] } else { -inf }
}

## Each row of a times b, and a times each column of b.
fn inner(a: float[.., N], b: float[N]) -> float[..] {
    out[..] = sum[n](a[.., n] * b[n])
}
fn outer_inner(a: float[N], b: float[.., N, M]) -> float[.., M] {
    out[.., m] = sum[n](a[n] * b[.., n, m])
}
