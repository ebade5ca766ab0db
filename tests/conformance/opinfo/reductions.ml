## Reductions that the language does not have under one name.

## The sum of squared distances from the mean, divided by the number of elements less `correction`.
op spread[j](x: float; correction = 1) -> float {
    let m = mean[j](x)
    sum[j]((x - m) * (x - m)) / max(count[j](true) - correction, 0)
}

op deviation[j](x: float; correction = 1) -> float = sqrt(spread[j](x, correction: correction))

## Norms of order p; of order 0 the number of elements that are not 0.
op norm_p[j](x: float; p = 2.0) -> float = sum[j](abs(x) ^ p) ^ (1 / p)
op norm_0[j](x: float) -> float = sum[j](if x == 0 { 0.0 } else { 1.0 })
op norm_1[j](x: float) -> float = sum[j](abs(x))
op norm_2[j](x: float) -> float = sqrt(sum[j](x * x))
op norm_most[j](x: float) -> float = max[j](abs(x))
op norm_least[j](x: float) -> float = min[j](abs(x))

## log of the running sum of exponentials.
fn logcumsumexp(x: float[.., N]) -> float[.., N] {
    out[.., i] = logsumexp[j | j <= i](x[.., j])
}

## Distances of all rows of x from all rows of y.
fn cdist_p(x: float[.., P, D], y: float[.., R, D], p: float) -> float[.., P, R] {
    out[.., i, j] = norm_p[d](x[.., i, d] - y[.., j, d], p: p)
}
fn cdist_0(x: float[.., P, D], y: float[.., R, D]) -> float[.., P, R] {
    out[.., i, j] = norm_0[d](x[.., i, d] - y[.., j, d])
}
fn cdist_1(x: float[.., P, D], y: float[.., R, D]) -> float[.., P, R] {
    out[.., i, j] = norm_1[d](x[.., i, d] - y[.., j, d])
}
fn cdist_2(x: float[.., P, D], y: float[.., R, D]) -> float[.., P, R] {
    out[.., i, j] = norm_2[d](x[.., i, d] - y[.., j, d])
}
fn cdist_most(x: float[.., P, D], y: float[.., R, D]) -> float[.., P, R] {
    out[.., i, j] = norm_most[d](x[.., i, d] - y[.., j, d])
}
