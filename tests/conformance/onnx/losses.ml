## Losses of classes: N examples of C classes at M places; a target that is `ignored` counts for nothing.

fn weighted(x: float[N, C, M], target: i64[N, M], weight: float[C], ignored: int) -> (float[N, M], float[N, M]) {
    let w[n, m] = if target[n, m] == ignored { 0 } else { weight[target[n, m]] }
    let loss[n, m] = if target[n, m] == ignored { 0 } else { -w[n, m] * x[n, target[n, m], m] }
    (loss, w)
}

fn loss_of_each(x: float[N, C, M], target: i64[N, M], weight: float[C], ignored: int) -> float[N, M] {
    let (loss, w) = weighted(x, target, weight, ignored)
    loss
}

fn loss_sum(x: float[N, C, M], target: i64[N, M], weight: float[C], ignored: int) -> float {
    let (loss, w) = weighted(x, target, weight, ignored)
    sum(loss)
}

fn loss_mean(x: float[N, C, M], target: i64[N, M], weight: float[C], ignored: int) -> float {
    let (loss, w) = weighted(x, target, weight, ignored)
    sum(loss) / sum(w)
}
