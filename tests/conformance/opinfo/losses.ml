## Losses, one value for each element; how they are added up is said where they are called.

## -weight[t] log p[t] for the target t; 0 where it is `ignore`. N rows, C classes, S places in each row.
fn nll(logp: float[N, C, S], target: i64[N, S], weight: float[C]; ignore = -100) -> float[N, S] {
    out[n, s] = if target[n, s] == ignore { 0 } else { -weight[target[n, s]] * logp[n, target[n, s], s] }
}

## What the mean of nll divides by.
fn nll_weight(target: i64[N, S], weight: float[C]; ignore = -100) -> float[N, S] {
    out[n, s] = if target[n, s] == ignore { 0 } else { weight[target[n, s]] }
}

## Cross entropy with a part `smoothing` of the target spread over all classes (Szegedy et al. 2015).
fn cross_entropy(x: float[N, C, S], target: i64[N, S], weight: float[C]; ignore = -100, smoothing = 0.0) -> float[N, S] {
    let logp[n, c, s] = log_softmax[c](x[n, c, s])
    let hard = nll(logp, target, weight, ignore: ignore)
    let even[n, s] = if target[n, s] == ignore { 0 } else { -sum[c](weight[c] * logp[n, c, s]) }
    (1 - smoothing) * hard + smoothing / C * even
}

## The same with a distribution for a target.
fn cross_entropy_soft(x: float[N, C, S], target: float[N, C, S], weight: float[C]; smoothing = 0.0) -> float[N, S] {
    let logp[n, c, s] = log_softmax[c](x[n, c, s])
    out[n, s] = -sum[c](weight[c] * logp[n, c, s] * (target[n, c, s] * (1 - smoothing) + smoothing / C))
}

@elementwise fn huber(x: float, y: float, delta: float) -> float =
    if abs(x - y) <= delta { 0.5 * (x - y) * (x - y) } else { delta * (abs(x - y) - 0.5 * delta) }

@elementwise fn smooth_l1(x: float, y: float, beta: float) -> float =
    if abs(x - y) < beta { 0.5 * (x - y) * (x - y) / beta } else { abs(x - y) - 0.5 * beta }

@elementwise fn squared(x: float, y: float) -> float = (x - y) * (x - y)

## -(weight y log sigmoid(x) + (1 - y) log sigmoid(-x)).
@elementwise fn bce_with_logits(x: float, y: float, positive: float) -> float =
    -(positive * y * log_sigmoid(x) + (1 - y) * log_sigmoid(-x))

## y (log y - x) for a log probability x; 0 where y is.
@elementwise fn kl_div(x: float, y: float) -> float = if y > 0 { y * (log(y) - x) } else { if y == 0 { 0.0 } else { nan } }
@elementwise fn kl_div_log(x: float, y: float) -> float = exp(y) * (y - x)
