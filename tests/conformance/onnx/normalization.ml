## Normalizations of rows: R rows of N elements.

fn layer_norm(x: float[R, N], weight: float[N], bias: float[N], eps: real) -> (float[R, N], float[R], float[R]) {
    let m[r] = mean[i](x[r, i])
    let s[r] = rsqrt(variance[i](x[r, i]) + eps)
    let y[r, i] = (x[r, i] - m[r]) * s[r] * weight[i] + bias[i]
    (y, m, s)
}

fn rms_norm(x: float[R, N], weight: float[N], eps: real) -> float[R, N] {
    let s[r] = rsqrt(mean[i](x[r, i] * x[r, i]) + eps)
    out[r, i] = x[r, i] * s[r] * weight[i]
}

## C channels of M places in G groups.
fn group_norm[G](x: float[N, C, M], weight: float[C], bias: float[C], eps: real) -> float[N, C, M] {
    let y = reshape(x, N, G, C / G, M)
    let m[n, g] = mean[c, i](y[n, g, c, i])
    let s[n, g] = rsqrt(variance[c, i](y[n, g, c, i]) + eps)
    out[n, c, i] = (x[n, c, i] - m[n, c // (C / G)]) * s[n, c // (C / G)] * weight[c] + bias[c]
}

## Statistics that are known.
fn batch_norm(x: float[N, C, M], weight: float[C], bias: float[C], m: float[C], v: float[C], eps: real) -> float[N, C, M] {
    out[n, c, i] = (x[n, c, i] - m[c]) / sqrt(v[c] + eps) * weight[c] + bias[c]
}

## Nothing has no direction.
@elementwise fn over(x: float, length: float) -> float = if length == 0 { 0.0 } else { x / length }
