## Parts of attention.

## [.., T, H * K] seen as H heads of K.
fn heads[H](x: float[.., T, H * K]) -> float[.., H, T, K] {
    out[.., h, t, k] = x[.., t, h * K + k]
}

## Rotates the pair (k, k + K/2) by its position times theta^(-2k/K) (Su et al. 2021, in the order of GPT-NeoX).
fn rope(x: float[.., T, K], position: i64[T]; theta = 10000.0) -> float[.., T, K] {
    let a[t, k: K / 2] = position[t] * theta ^ (-2 * k / K)
    let (u, v) = (x[.., :K / 2], x[.., K / 2:])
    concat(u * cos(a) - v * sin(a), v * cos(a) + u * sin(a), axis: -1)
}
