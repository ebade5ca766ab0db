## Products of matrices and attention: the scores of all pairs, and their mixture of v.

fn attend(score: float[.., L, S], v: float[.., S, D]) -> (float[.., L, D], float[.., L, S]) {
    let p = softmax(score, axis: -1)
    (p @ v, p)
}
fn score(q: float[.., L, D], k: float[.., S, D]) -> float[.., L, S] {
    out[.., i, j] = sum[d](q[.., i, d] * k[.., j, d]) / sqrt(D)
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
