## Normalisations.

## Over groups of channels (Wu and He 2018); weight and bias one for each channel.
fn group_norm(x: float[N, G, K, S], weight: float[G, K], bias: float[G, K], eps: real) -> float[N, G, K, S] {
    let m[n, g] = mean[k, s](x[n, g, k, s])
    let r[n, g] = rsqrt(variance[k, s](x[n, g, k, s]) + eps)
    out[n, g, k, s] = (x[n, g, k, s] - m[n, g]) * r[n, g] * weight[g, k] + bias[g, k]
}

## Over the last axis (Ba et al. 2016).
fn layer_norm(x: float[N, D], weight: float[D], bias: float[D], eps: real) -> float[N, D] {
    let m[n] = mean[d](x[n, d])
    let r[n] = rsqrt(variance[d](x[n, d]) + eps)
    out[n, d] = (x[n, d] - m[n]) * r[n] * weight[d] + bias[d]
}

## The cosine of the angle between x and y along the last axis.
fn cosine(x: float[.., D], y: float[.., D], eps: real) -> float[..] {
    let xy[..] = sum[d](x[.., d] * y[.., d])
    let xx[..] = sum[d](x[.., d] * x[.., d])
    let yy[..] = sum[d](y[.., d] * y[.., d])
    out[..] = xy[..] / sqrt(max(xx[..] * yy[..], eps * eps))
}
