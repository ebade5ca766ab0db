import std.rl: mirror_descent, mirror_step, soft_mean, length_reward, prioritised, k1, k2, k3
import std.losses: entropy, kl
import std.sample: pick

## The loss, the baseline, the log-ratios and the paper's direction; the baseline is the mean reward, or tau log Z.
fn descent(logp: float[P, G, T], old: float[P, G, T], mask: bool[P, G, T], reward: float[P, G], tau: real, by_mean: bool)
        -> (float, float[P, 1], float[P, G], float[P, G, T]) {
    let d[p, g] = sum[t | mask[p, g, t]](logp[p, g, t] - old[p, g, t])
    let soft = soft_mean(reward, tau)
    let b[p, o: 1] = if by_mean { mean[g](reward[p, g]) } else { soft[p, 0] }
    (mirror_descent(d, reward, b, tau), b, d, mirror_step(d, reward, b, mask, tau))
}

## tau log Z of one prompt for each tau.
fn soft_means(reward: f64[G], tau: f64[N]) -> f64[N] {
    out[n] = tau[n] * (logsumexp[g](reward[g] / tau[n]) - log(f64(G)))
}

## Rates, weights, and the draws that u makes.
fn curriculum(successes: i64[N], trials: i64[N], eps: real, u: f64[M]) -> (f64[N], f64[N], i64[M]) {
    let (rate, w) = prioritised(successes, trials, eps)
    let rows[m: M, n] = w[n]
    (rate, w, pick(rows, u))
}

## The log of the normaliser, and the policy that maximises reward - tau KL.
fn optimum(reward: float[N], old: float[N], tau: real) -> (float, float[N]) {
    let z = tau * logsumexp[n](old[n] + reward[n] / tau)
    (z, old + (reward - z) / tau)
}

## KL(pi || ref) and the expectations of its three estimators.
fn estimators(logits: float[V], ref_logits: float[V]) -> (float, float, float, float) {
    let p[v] = log_softmax[v](logits[v])
    let q[v] = log_softmax[v](ref_logits[v])
    let (a, b, c) = (k1(p, q), k2(p, q), k3(p, q))
    (kl(logits, ref_logits), sum[v](exp(p[v]) * a[v]), sum[v](exp(p[v]) * b[v]), sum[v](exp(p[v]) * c[v]))
}
