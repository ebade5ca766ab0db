## Losses and divergences. Those with `labels` take logits [N, V] and classes i64[N]; a label below 0 (-100 by custom) is not counted.
## Means over nothing are 0.

## -log softmax(logits)[label] of each row, in nats; 0 where the label is not counted.
fn nll(logits: float[N, V], labels: i64[N]) -> float[N] {
    let l[n] = logsumexp[v](logits[n, v])
    out[n] = if labels[n] >= 0 { l[n] - logits[n, labels[n]] } else { 0 }
}

## The mean of `nll` over the rows that count.
fn cross_entropy(logits: float[N, V], labels: i64[N]) -> float {
    let each = nll(logits, labels)
    mean[n | labels[n] >= 0](each[n])
}

## (1 - s) nll + s times the mean over classes of -log p (Szegedy et al. 2016); mean over the rows that count.
fn cross_entropy_smooth(logits: float[N, V], labels: i64[N], s: real) -> float {
    let each = nll(logits, labels)
    let even[n] = logsumexp[v](logits[n, v]) - mean[v](logits[n, v])
    mean[n | labels[n] >= 0]((1 - s) * each[n] + s * even[n])
}

## Rows weighted by the weight of their class; divided by the sum of these weights; 0 if that is 0.
fn cross_entropy_weighted(logits: float[N, V], labels: i64[N], weight: float[V]) -> float {
    let each = nll(logits, labels)
    let w[n] = if labels[n] >= 0 { weight[labels[n]] } else { 0 }
    let all = sum(w)
    if all > 0 { sum[n](w[n] * each[n]) / all } else { 0 }
}

## Probabilities as targets: the mean over rows of -sum_v target_v log p_v.
fn cross_entropy_soft(logits: float[N, V], target: float[N, V]) -> float {
    let lp[n, v] = log_softmax[v](logits[n, v])
    -mean[n](sum[v](target[n, v] * lp[n, v]))
}

## Cross-entropy + c times the mean squared logsumexp of the rows that count (Chowdhery et al. 2022).
fn z_loss(logits: float[N, V], labels: i64[N], c: real) -> float =
    cross_entropy(logits, labels) + c * mean[n | labels[n] >= 0](logsumexp[v](logits[n, v]) ^ 2)

## -(1 - p)^gamma log p (Lin et al. 2017), mean over the rows that count.
fn focal(logits: float[N, V], labels: i64[N], gamma: real) -> float {
    let each = nll(logits, labels)
    mean[n | labels[n] >= 0]((-expm1(-each[n])) ^ gamma * each[n])
}

## Mean squared difference.
fn mse(a: float[..], b: float[..]) -> float = mean((a - b) ^ 2)

## Mean absolute difference.
fn l1(a: float[..], b: float[..]) -> float = mean(abs(a - b))

## Quadratic below `delta`, linear above (Huber 1964): d^2 / 2, delta (|d| - delta / 2).
@elementwise fn huber_of(d: float, delta: float) -> float = if abs(d) <= delta { 0.5 * d * d } else { delta * (abs(d) - 0.5 * delta) }

## The mean of `huber_of` the differences.
fn huber(a: float[..], b: float[..], delta: real) -> float = mean(huber_of(a - b, delta))

## Huber with delta 1 (Girshick 2015).
fn smooth_l1(a: float[..], b: float[..]) -> float = huber(a, b, 1.0)

## Binary cross-entropy of logits against probabilities: max(x, 0) - x t + log(1 + e^-|x|).
fn bce_logits(logits: float[..], target: float[..]) -> float = mean(max(logits, 0) - logits * target + log1p(exp(-abs(logits))))

## -sum p log p of softmax(logits), in nats. A logit of -inf, as masks make them, adds nothing (in f16 it gives NaN).
fn entropy(logits: float[.., V]) -> float[..] {
    let lp[.., v] = log_softmax[v](max(logits[.., v], -1e30))       # 0 * -inf is NaN
    out[..] = -sum[v](exp(lp[.., v]) * lp[.., v])
}

## KL(p || q) of softmax(p) and softmax(q), for each row. Where p is -inf, as masks make it, nothing is added; where only q is, 1e30 p instead of
## infinity (in f16 -inf gives NaN).
fn kl(p: float[.., V], q: float[.., V]) -> float[..] {
    let a[.., v] = log_softmax[v](max(p[.., v], -1e30))
    let b[.., v] = log_softmax[v](max(q[.., v], -1e30))
    out[..] = sum[v](exp(a[.., v]) * (a[.., v] - b[.., v]))
}

# ---- language models: logits [B, T, V] at t predict labels[b, t + 1]

## Mean over the counted tokens of the negative log-likelihood.
fn next_token(logits: float[B, T, V], labels: i64[B, T]) -> float where T >= 1 {
    let lp[b, t, v] = log_softmax[v](logits[b, t, v])
    -mean[b, t: T - 1 | labels[b, t + 1] >= 0](lp[b, t, labels[b, t + 1]])
}

## The same with each token's loss weighted by its own probability, which takes no gradient (Wu et al. 2025, DFT).
fn next_token_dft(logits: float[B, T, V], labels: i64[B, T]) -> float where T >= 1 {
    let lp[b, t, v] = log_softmax[v](logits[b, t, v])
    -mean[b, t: T - 1 | labels[b, t + 1] >= 0](stop(exp(lp[b, t, labels[b, t + 1]])) * lp[b, t, labels[b, t + 1]])
}

## Generalised Jensen-Shannon distillation (Agarwal et al. 2024) over the tokens whose label counts: beta 0 is KL(teacher || student), beta
## 1 KL(student || teacher), else beta KL(teacher || m) + (1 - beta) KL(student || m) with m = beta teacher + (1 - beta) student.
fn distil(student: float[B, T, V], teacher: float[B, T, V], labels: i64[B, T], beta: real, temperature: real) -> float {
    let s[b, t, v] = log_softmax[v](student[b, t, v] / temperature)
    let q[b, t, v] = log_softmax[v](teacher[b, t, v] / temperature)
    let m[b, t, v] = log(beta * exp(q[b, t, v]) + (1 - beta) * exp(s[b, t, v]))
    let forwards[b, t] = sum[v](exp(q[b, t, v]) * (q[b, t, v] - (if beta <= 0 { s[b, t, v] } else { m[b, t, v] })))
    let back[b, t] = sum[v](exp(s[b, t, v]) * (s[b, t, v] - (if beta >= 1 { q[b, t, v] } else { m[b, t, v] })))
    mean[b, t | labels[b, t] >= 0](if beta <= 0 { forwards[b, t] } else if beta >= 1 { back[b, t] }
                                   else { beta * forwards[b, t] + (1 - beta) * back[b, t] })
}

## Bradley-Terry loss of a reward model (Christiano et al. 2017): -mean log sigmoid(chosen - rejected - margin) + c mean (chosen + rejected)^2.
fn reward_pair(chosen: float[N], rejected: float[N], margin: float[N], c: real) -> float =
    mean(softplus(-(chosen - rejected - margin))) + c * mean((chosen + rejected) ^ 2)
