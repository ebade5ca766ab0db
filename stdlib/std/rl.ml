## Reinforcement learning: policy losses of language models, preference losses, returns, advantages and targets. `logp` and the like are
## natural logarithms of probabilities; R responses (or prompts x samples) of up to T tokens, `mask` true where a token counts; all losses
## are to be minimised. Means over nothing are 0.
##
## A policy loss is a sum of two choices: a term for each token, and how terms are averaged.
##
##     mean_of_means(clipped(token_ratio(logp, old), adv, 0.2, 0.2) + 0.04 * k3(logp, ref), mask)        GRPO with its KL
##     token_mean(clipped(token_ratio(logp, old), adv, 0.2, 0.28), mask)                                 DAPO
##     mean_of_means(clipped(sequence_ratio(logp, old, mask), adv, 3e-4, 4e-4), mask)                    GSPO

# ---- averages over tokens

## The mean over all counted tokens (DAPO, Yu et al. 2025).
fn token_mean(x: float[R, T], mask: bool[R, T]) -> float = mean[r, t | mask[r, t]](x[r, t])

## The mean over responses of the mean over their tokens (GRPO, Shao et al. 2024).
fn mean_of_means(x: float[R, T], mask: bool[R, T]) -> float = mean[r](mean[t | mask[r, t]](x[r, t]))

## The mean over responses of the sum over their tokens.
fn mean_of_sums(x: float[R, T], mask: bool[R, T]) -> float = mean[r](sum[t | mask[r, t]](x[r, t]))

## The sum over all counted tokens / (R * longest): no length bias (Dr. GRPO, Liu et al. 2025).
fn constant_mean(x: float[R, T], mask: bool[R, T], longest: int) -> float = sum[r, t | mask[r, t]](x[r, t]) / (R * longest)

# ---- ratios of the policy that learns to the one that sampled

## One for each token.
fn token_ratio(logp: float[R, T], old: float[R, T]) -> float[R, T] = exp(logp - old)

## One for each response: the geometric mean over its tokens (GSPO, Zheng et al. 2025).
fn sequence_ratio(logp: float[R, T], old: float[R, T], mask: bool[R, T]) -> float[R, T] {
    let d[r] = mean[t | mask[r, t]](logp[r, t] - old[r, t])
    out[r, t] = exp(d[r])
}

# ---- terms of tokens; `adv` is the advantage of the response

## -min(ratio A, clip(ratio, 1 - low, 1 + high) A) (PPO, Schulman et al. 2017).
fn clipped(ratio: float[R, T], adv: float[R], low: real, high: real) -> float[R, T] {
    out[r, t] = -min(ratio[r, t] * adv[r], clip(ratio[r, t], 1 - low, 1 + high) * adv[r])
}

## The same, with advantages of tokens.
fn clipped_tokens(ratio: float[R, T], adv: float[R, T], low: real, high: real) -> float[R, T] {
    out[r, t] = -min(ratio[r, t] * adv[r, t], clip(ratio[r, t], 1 - low, 1 + high) * adv[r, t])
}

## `clipped_tokens`, and no more than -c A where A < 0 (Ye et al. 2020, dual clip).
fn clipped_dual(ratio: float[R, T], adv: float[R, T], low: real, high: real, c: real) -> float[R, T] {
    let l = clipped_tokens(ratio, adv, low, high)
    out[r, t] = if adv[r, t] < 0 { min(-c * adv[r, t], l[r, t]) } else { l[r, t] }
}

## `clipped`, with the ratio that is not clipped held below `most` (two-sided clip).
fn clipped_two_sided(ratio: float[R, T], adv: float[R], low: real, high: real, most: real) -> float[R, T] {
    out[r, t] = -min(min(ratio[r, t], most) * adv[r], clip(ratio[r, t], 1 - low, 1 + high) * adv[r])
}

## -stop(min(ratio, high)) A logp (CISPO, MiniMax 2025).
fn cispo(logp: float[R, T], old: float[R, T], adv: float[R], high: real) -> float[R, T] {
    out[r, t] = -stop(min(exp(logp[r, t] - old[r, t]), high)) * adv[r] * logp[r, t]
}

## -(4 / k) sigmoid(k (ratio - 1)) A, k by the sign of A: a soft gate instead of a clip (SAPO, Gao et al. 2025).
fn sapo(ratio: float[R, T], adv: float[R], k_pos: real, k_neg: real) -> float[R, T] {
    let k[r]: float = if adv[r] > 0 { k_pos } else { k_neg }
    out[r, t] = -4 / k[r] * sigmoid(k[r] * (ratio[r, t] - 1)) * adv[r]
}

## -stop(phi(w)) A logp with phi = exp(lambda + k log w - lambda w), w the ratio of the whole response, k and lambda by the sign of A (VESPO).
fn vespo(logp: float[R, T], old: float[R, T], mask: bool[R, T], adv: float[R], k_pos: real, lambda_pos: real, k_neg: real, lambda_neg: real)
        -> float[R, T] {
    let d[r] = sum[t | mask[r, t]](logp[r, t] - old[r, t])
    let k[r]: float = if adv[r] >= 0 { k_pos } else { k_neg }
    let l[r]: float = if adv[r] >= 0 { lambda_pos } else { lambda_neg }
    let phi[r] = exp(l[r] + k[r] * d[r] - l[r] * exp(d[r]))
    out[r, t] = -stop(phi[r]) * adv[r] * logp[r, t]
}

## Geometric-mean policy (GMPO, Zhao et al. 2025): log-ratios held inside [-low, high] on the side that A pushes to, averaged in the
## exponent: one value for each response, the same for all its tokens.
fn gmpo(logp: float[R, T], old: float[R, T], mask: bool[R, T], adv: float[R], low: real, high: real) -> float[R, T] {
    let d[r, t] = if adv[r] > 0 { min(logp[r, t] - old[r, t], high) } else { max(logp[r, t] - old[r, t], -low) }
    let m[r] = mean[t | mask[r, t]](d[r, t])
    out[r, t] = -exp(m[r]) * adv[r]
}

## 0 where a response with A < 0 has drifted: mean(old - logp) over its tokens above `most`; else 1.
fn near_policy(logp: float[R, T], old: float[R, T], mask: bool[R, T], adv: float[R], most: real) -> float[R, 1] {
    let d[r] = mean[t | mask[r, t]](old[r, t] - logp[r, t])
    out[r, o] = if adv[r] < 0 and d[r] > most { 0 } else { 1 }
}

## The q-quantile of the counted elements, between neighbours by linear interpolation; NaN-free input.
fn quantile(x: float[R, T], mask: bool[R, T], q: real) -> float where R * T >= 1 {
    let flat = reshape(map[r, t](if mask[r, t] { x[r, t] } else { inf }), R * T)
    let (value, _) = sort(flat, axis: -1)
    let at = q * (max(count[r, t](mask[r, t]), 1) - 1)
    let below = min(int(floor(at)), R * T - 1)
    let above = min(below + 1, R * T - 1)
    let part = at - floor(at)
    if part > 0 { value[below] + part * (value[above] - value[below]) } else { value[below] }
}

## 1 for the tokens whose entropy reaches the (1 - share)-quantile of the counted ones, else 0 (Wang et al. 2025).
fn forking_tokens(entropy: float[R, T], mask: bool[R, T], share: real) -> float[R, T] where R * T >= 1 {
    let least = quantile(entropy, mask, 1 - share)
    out[r, t] = if entropy[r, t] >= least { 1 } else { 0 }
}

## The clipped ratio of whole responses, `old` the sum over their tokens (RLOO, Ahmadian et al. 2024).
fn rloo_loss(logp: float[R, T], mask: bool[R, T], old: float[R], adv: float[R], low: real, high: real) -> float {
    let ratio[r] = exp(sum[t | mask[r, t]](logp[r, t]) - old[r])
    -mean[r](min(ratio[r] * adv[r], clip(ratio[r], 1 - low, 1 + high) * adv[r]))
}

## Half the mean squared error of values, the larger of plain and clipped around the old value (PPO).
fn clipped_value(value: float[R, T], old: float[R, T], target: float[R, T], mask: bool[R, T], eps: real) -> float =
    0.5 * mean[r, t | mask[r, t]](max((value[r, t] - target[r, t]) ^ 2,
                                      (clip(value[r, t], old[r, t] - eps, old[r, t] + eps) - target[r, t]) ^ 2))

# ---- estimators of KL(pi || ref) from a sample of pi (Schulman 2020)

## d = logp - ref: unbiased, of both signs.
fn k1(logp: float[..], ref: float[..]) -> float[..] = logp - ref
## d^2 / 2: biased, small variance; as a loss its gradient is that of KL(pi || ref).
fn k2(logp: float[..], ref: float[..]) -> float[..] = 0.5 * (logp - ref) ^ 2
## exp(-d) - 1 + d with d = logp - ref: unbiased, never negative.
fn k3(logp: float[..], ref: float[..]) -> float[..] = exp(ref - logp) - 1 - (ref - logp)

# ---- advantages of groups: reward [P, G], G samples for each of P prompts

## Unbiased standard deviation; 0 of one element.
op deviation[j](x: float) -> float {
    let m = mean[j](x)
    sqrt(sum[j]((x - m) * (x - m)) / max(count[j](true) - 1, 1))
}

## reward - mean of the group (Dr. GRPO).
fn centred(reward: float[P, G]) -> float[P, G] {
    out[p, g] = reward[p, g] - mean[s](reward[p, s])
}

## (reward - mean) / (deviation + eps) in each group.
fn group_advantage(reward: float[P, G]; eps = 1e-4) -> float[P, G] {
    let d[p] = deviation[g](reward[p, g])
    let c = centred(reward)
    out[p, g] = c[p, g] / (d[p] + eps)
}

## The same with the deviation of the whole batch.
fn batch_advantage(reward: float[P, G]; eps = 1e-4) -> float[P, G] {
    let d = deviation[p, g](reward[p, g])
    centred(reward) / (d + eps)
}

## reward - mean of the others in the group (Kool et al. 2019).
fn leave_one_out(reward: float[P, G]) -> float[P, G] {
    out[p, g] = if G > 1 { reward[p, g] - (sum[s](reward[p, s]) - reward[p, g]) / (G - 1) } else { 0 }
}

## (x - mean) / (deviation + eps) over all elements.
fn normalised(x: float[P, G]; eps = 1e-4) -> float[P, G] {
    let m = mean[p, g](x[p, g])
    let d = deviation[p, g](x[p, g])
    (x - m) / (d + eps)
}

## (x - mean) / sqrt(variance + 1e-8) over the counted elements, variance with n - 1; 0 elsewhere.
fn whitened(x: float[R, T], mask: bool[R, T]) -> float[R, T] {
    let m = mean[r, t | mask[r, t]](x[r, t])
    let v = sum[r, t | mask[r, t]]((x[r, t] - m) ^ 2) / max(count[r, t](mask[r, t]) - 1, 1)
    (x - m) * rsqrt(v + 1e-8)
}

## Groups given by a number for each response: reward - mean of its group; the deviation + eps of its group; reward - mean of the others.
fn centred_by(reward: float[R], group: i64[R]) -> float[R] {
    out[r] = reward[r] - mean[s | group[s] == group[r]](reward[s])
}

## The unbiased standard deviation of the rewards of one's group; 0 for a group of one.
fn deviation_by(reward: float[R], group: i64[R]) -> float[R] {
    let m[r] = mean[s | group[s] == group[r]](reward[s])
    out[r] = sqrt(sum[s | group[s] == group[r]]((reward[s] - m[r]) ^ 2) / max(count[s](group[s] == group[r]) - 1, 1))
}

## The reward less the mean of the others of one's group (Kool et al. 2019, RLOO); of one alone 0.
fn leave_one_out_by(reward: float[R], group: i64[R]) -> float[R] {
    let n[r] = count[s](group[s] == group[r])
    let c = centred_by(reward, group)
    out[r] = if n[r] > 1 { c[r] * n[r] / (n[r] - 1) } else { c[r] }
}

# ---- preferences: N pairs (or examples), beta the strength

## log-ratios of policy to reference under an f-divergence: reverse KL as they are, forward KL -exp(-x), Jensen-Shannon log sigmoid(x)
## (Wang et al. 2024).
fn forward_score(x: float[N]) -> float[N] = -exp(-x)
## Jensen-Shannon: log sigmoid(x).
fn jensen_score(x: float[N]) -> float[N] = log_sigmoid(x)

## -(1 - s) log sigmoid(beta d) - s log sigmoid(-beta d) of margins d (DPO, Rafailov et al. 2023; CPO, Xu et al. 2024).
fn dpo(d: float[N], beta: real; smoothing = 0.0) -> float[N] =
    -(1 - smoothing) * log_sigmoid(beta * d) - smoothing * log_sigmoid(-beta * d)

## The noise-corrected form (Chowdhury et al. 2024).
fn dpo_robust(d: float[N], beta: real, noise: real) -> float[N] =
    (-(1 - noise) * log_sigmoid(beta * d) + noise * log_sigmoid(-beta * d)) / (1 - 2 * noise)

## max(0, 1 - beta d) (SLiC, Zhao et al. 2023).
fn hinge(d: float[N], beta: real) -> float[N] = relu(1 - beta * d)

## (d - 1 / (2 beta))^2 (Azar et al. 2024); d of log-probabilities averaged over tokens.
fn ipo(d: float[N], beta: real) -> float[N] = (d - 1 / (2 * beta)) ^ 2

## (a - 1 / (2 beta))^2 + (b + 1 / (2 beta))^2 of the log-ratios of the better and the worse answer (SPPO, Wu et al. 2024).
fn sppo(a: float[N], b: float[N], beta: real) -> float[N] = (a - 0.5 / beta) ^ 2 + (b + 0.5 / beta) ^ 2

## -log sigmoid(beta d - gamma), d of mean log-probabilities, no reference (Meng et al. 2024).
fn simpo(d: float[N], beta: real, gamma: real; smoothing = 0.0) -> float[N] = dpo(d - gamma / beta, beta, smoothing: smoothing)

## (1 - p^-alpha) / alpha in place of log p (AlphaPO, Gupta et al. 2025); log p itself for alpha 0.
@elementwise fn alpha_score(logp: float, alpha: float) -> float = if abs(alpha) < 1e-12 { logp } else { (1 - exp(-alpha * logp)) / alpha }

## KTO's baseline: max(0, mean(logp - ref)) over mismatched pairs; takes no gradient.
fn kto_baseline(logp: float[N], ref: float[N]) -> float = stop(max(mean(logp - ref), 0))

## Ethayarajh et al. 2024: `ratio` is log pi - log ref of the whole answer, z the baseline; `up` and `down` weigh good and bad answers.
fn kto(ratio: float[N], good: bool[N], z: float, beta: real; up = 1.0, down = 1.0) -> float =
    mean[n](if good[n] { up * (1 - sigmoid(beta * (ratio[n] - z))) } else { down * (1 - sigmoid(beta * (z - ratio[n]))) })

## The unpaired form of APO-zero (D'Oosterlinck et al. 2024).
fn apo_zero(ratio: float[N], good: bool[N], beta: real; up = 1.0, down = 1.0) -> float =
    mean[n](if good[n] { up * (1 - sigmoid(beta * ratio[n])) } else { down * sigmoid(beta * ratio[n]) })

## The log of the odds ratio of mean log-probabilities (ORPO, Hong et al. 2024).
fn log_odds(win: float[N], lose: float[N]) -> float[N] = (win - lose) - (log1mexp(win) - log1mexp(lose))

# ---- Kimi k1.5 (2025): log-ratios and rewards [P, G]

## Policy mirror descent: the mean of (reward - baseline - tau d)^2, d the log-ratio of the whole response.
fn mirror_descent(d: float[P, G], reward: float[P, G], baseline: float[P, 1], tau: real) -> float = mean((reward - baseline - tau * d) ^ 2)

## Minus its gradient to the log-probability of each counted token / (2 tau): the paper's direction of ascent.
fn mirror_step(d: float[P, G], reward: float[P, G], baseline: float[P, 1], mask: bool[P, G, T], tau: real) -> float[P, G, T] {
    out[p, g, t] = if mask[p, g, t] { (reward[p, g] - baseline[p, 0] - tau * d[p, g]) / (P * G) } else { 0 }
}

## tau log mean exp(reward / tau) of each prompt: between the mean (large tau) and the largest (small tau).
fn soft_mean(reward: float[P, G], tau: real) -> float[P, 1] {
    out[p, o] = tau * (logsumexp[g](reward[p, g] / tau) - log(G))
}

## Length reward: 1/2 - (length - shortest) / (longest - shortest), at most 0 for a wrong answer; 0 if all are equally long.
fn length_reward(length: i64[G], correct: bool[G]) -> f64[G] {
    let (a, b) = (min[g](length[g]), max[g](length[g]))
    let l[g]: f64 = if a == b { 0.0 } else { 0.5 - f64(length[g] - a) / f64(b - a) }
    out[g] = if correct[g] { l[g] } else { min(0, l[g]) }
}

## Sampling of problems in proportion to 1 - success rate + eps: the rates and the probabilities.
fn prioritised(successes: i64[N], trials: i64[N], eps: real) -> (f64[N], f64[N]) {
    let rate[n] = f64(successes[n]) / f64(trials[n])
    let w[n] = 1 - rate[n] + eps
    let p[n] = w[n] / sum[m](w[m])
    (rate, p)
}

# ---- returns: T steps of E environments; done[t] ends the task after step t, `last` is the value after the last step

## G_t = r_t + gamma (1 - done_t) G_(t+1).
fn returns(reward: float[T, E], done: float[T, E], last: float[E], gamma: real) -> float[T, E] {
    rec g[t, e] = reward[t, e] + gamma * (1 - done[t, e]) * (g[t + 1, e] ?? last[e])
    g
}

## Generalised advantage estimation (Schulman et al. 2016): A_t = delta_t + gamma lambda (1 - done_t) A_(t+1).
fn gae(reward: float[T, E], value: float[T, E], done: float[T, E], last: float[E]; gamma = 0.99, lambda = 0.95) -> float[T, E] {
    let delta[t, e] = reward[t, e] + gamma * (1 - done[t, e]) * (value[t + 1, e] ?? last[e]) - value[t, e]
    rec a[t, e] = delta[t, e] + gamma * lambda * (1 - done[t, e]) * (a[t + 1, e] ?? 0)
    a
}

## n rewards, then the value; windows are cut at the end of the segment, where `last` is used.
fn n_step(reward: float[T, E], value: float[T, E], done: float[T, E], last: float[E], n: int, gamma: real) -> float[T, E] where n >= 1 {
    rec g[k: n, t: T, e: E] = reward[t, e] + gamma * (1 - done[t, e]) * (if k == 0 { value[t + 1, e] ?? last[e] } else {
        if t + 1 < T { g[k - 1, t + 1, e] ?? 0 } else { last[e] } })
    g[n - 1]
}

## V-trace targets and advantages (Espeholt et al. 2018), rho the ratios pi / behaviour, clipped at rho_bar and c_bar.
fn vtrace(reward: float[T, E], value: float[T, E], done: float[T, E], last: float[E], rho: float[T, E]; gamma = 0.99, rho_bar = 1.0, c_bar = 1.0)
        -> (float[T, E], float[T, E]) {
    let delta[t, e] = min(rho[t, e], rho_bar) * (reward[t, e] + gamma * (1 - done[t, e]) * (value[t + 1, e] ?? last[e]) - value[t, e])
    rec d[t, e] = delta[t, e] + gamma * (1 - done[t, e]) * min(rho[t, e], c_bar) * (d[t + 1, e] ?? 0)
    let v = value + d
    let a[t, e] = min(rho[t, e], rho_bar) * (reward[t, e] + gamma * (1 - done[t, e]) * (v[t + 1, e] ?? last[e]) - value[t, e])
    (v, a)
}

# ---- targets of value functions: q [N, A] at the next state, reward and ended [N, 1]

## r + gamma (1 - ended) max q (Mnih et al. 2015).
fn q_target(q: float[N, A], reward: float[N, 1], ended: float[N, 1], gamma: real) -> float[N, 1] {
    let m[n, o: 1] = max[a](q[n, a])
    reward + gamma * (1 - ended) * m
}

## The action is the online network's best, its value the target network's (van Hasselt et al. 2016).
fn double_target(online: float[N, A], target: float[N, A], reward: float[N, 1], ended: float[N, 1], gamma: real) -> float[N, 1] where A >= 1 {
    let m[n, o: 1] = target[n, argmax[a](online[n, a])]
    reward + gamma * (1 - ended) * m
}

## tau logsumexp(q / tau) in place of the largest (Haarnoja et al. 2017).
fn soft_target(q: float[N, A], reward: float[N, 1], ended: float[N, 1], gamma: real, tau: real) -> float[N, 1] {
    let m[n, o: 1] = tau * logsumexp[a](q[n, a] / tau)
    reward + gamma * (1 - ended) * m
}

## value + advantage - mean advantage (Wang et al. 2016).
fn dueling(value: float[N, 1], advantage: float[N, A]) -> float[N, A] {
    out[n, a] = value[n, 0] + advantage[n, a] - mean[b](advantage[n, b])
}

# ---- continuous actions

## log(1 - tanh(u)^2) = 2 (log 2 - u - softplus(-2 u)), exact for large |u|.
@elementwise fn log_tanh_slope(u: float) -> float = 2 * (0.69314718055994531 - u - softplus(-2 * u))

## The log-density of a Gaussian, log_std its logarithmic deviation.
@elementwise fn gaussian_logp(x: float, m: float, log_std: float) -> float =
    -0.5 * ((x - m) * exp(-log_std)) ^ 2 - log_std - 0.91893853320467274

## Ornstein-Uhlenbeck noise from given normal numbers [T, D]: x += theta (average - x) dt + sigma sqrt(dt) n.
fn ou_noise(normal: float[T, D], start: real, average: real, theta: real, sigma: real, dt: real) -> float[T, D] {
    rec x[t, d] = (x[t - 1, d] ?? start) + theta * (average - (x[t - 1, d] ?? start)) * dt + sigma * sqrt(dt) * normal[t, d]
    x
}

# ---- actor-critic updates, one transition after the other, with the gradient of a softmax policy in closed form

## Action values and a tabular softmax policy (Sutton and Barto): from the old w each step, delta = r + gamma (1 - ended) w[s', a'] - w[s, a],
## theta += alpha_theta w[s, a] grad log pi, w[s, a] += alpha_w delta. Returns theta, w and the deltas.
fn qac(theta: float[S, A], w: float[S, A], state: i64[T + 1], action: i64[T + 1], reward: float[T], ended: float[T], gamma: real,
       alpha_w: real, alpha_theta: real) -> (float[S, A], float[S, A], float[T]) {
    var p = theta
    var q = w
    var delta: float[T] = 0
    for t in 0..T {
        let (s, a) = (state[t], action[t])
        let d = reward[t] + gamma * (1 - ended[t]) * q[state[t + 1], action[t + 1]] - q[s, a]
        let pi[b: A] = softmax[b](p[s, b])
        let step[b: A] = alpha_theta * q[s, a] * ((if b == a { 1 } else { 0 }) - pi[b])
        p[s] = p[s] + step
        q[s, a] = q[s, a] + alpha_w * d
        delta[t] = d
    }
    (p, q, delta)
}

## A linear value v x and a softmax policy over theta x: delta = r + gamma (1 - ended) v x' - v x, v += alpha_v rho delta x,
## theta += alpha_theta rho delta grad log pi; rho = pi(a) / behaviour(a) (Degris et al. 2012), or 1 if not `off`. Returns theta, v, the rhos.
fn actor_critic(theta: float[A, D], v: float[D], x: float[T + 1, D], action: i64[T], reward: float[T], ended: float[T],
                behaviour: float[T, A], off: bool, gamma: real, alpha_v: real, alpha_theta: real) -> (float[A, D], float[D], float[T]) {
    var p = theta
    var w = v
    var rho: float[T] = 1
    for t in 0..T {
        let a = action[t]
        let score[b: A] = sum[i](p[b, i] * x[t, i])
        let pi[b] = softmax[b](score[b])
        let r = if off { pi[a] / behaviour[t, a] } else { pi[a] / pi[a] }
        let d = reward[t] + gamma * (1 - ended[t]) * sum[i](w[i] * x[t + 1, i]) - sum[i](w[i] * x[t, i])
        p = p + map[b: A, i: D](alpha_theta * r * d * ((if b == a { 1 } else { 0 }) - pi[b]) * x[t, i])
        w = w + map[i: D](alpha_v * r * d * x[t, i])
        rho[t] = r
    }
    (p, w, rho)
}

## Deterministic actor-critic (Silver et al. 2014) with mu(x) = mu x and q(x, a) = (a - mu x) . (W x) + u . x, mu fixed inside q; the target
## takes a' = mu(x'); all updates from the old values. Returns mu, W and u.
fn deterministic_ac(mu: float[A, D], w: float[A, D], u: float[D], x: float[T + 1, D], action: float[T, A], reward: float[T], ended: float[T],
                    gamma: real, alpha_w: real, alpha_theta: real) -> (float[A, D], float[A, D], float[D]) {
    var m = mu
    var p = w
    var b = u
    for t in 0..T {
        let off[a] = action[t, a] - sum[i](m[a, i] * x[t, i])
        let slope[a] = sum[i](p[a, i] * x[t, i])
        let d = reward[t] + gamma * (1 - ended[t]) * sum[i](b[i] * x[t + 1, i]) - sum[a](off[a] * slope[a]) - sum[i](b[i] * x[t, i])
        m = m + map[a: A, i: D](alpha_theta * slope[a] * x[t, i])
        p = p + map[a: A, i: D](alpha_w * d * off[a] * x[t, i])
        b = b + map[i: D](alpha_w * d * x[t, i])
    }
    (m, p, b)
}

## Of a tabular softmax policy in a known process, by n sweeps: the value of the start, V, Q and the discounted visits of states.
fn policy_values(transition: float[S, A, S], reward: float[S, A], start: float[S], theta: float[S, A], gamma: real, n: int)
        -> (float, float[S], float[S, A], float[S]) {
    let pi[s, a] = softmax[a](theta[s, a])
    var v = 0 * start
    var visits = start
    for _ in 0..n {
        let w[s: S] = sum[a](pi[s, a] * (reward[s, a] + gamma * sum[z](transition[s, a, z] * v[z])))
        let d[z: S] = start[z] + gamma * sum[s, a](visits[s] * pi[s, a] * transition[s, a, z])
        v = w
        visits = d
    }
    let q[s, a] = reward[s, a] + gamma * sum[z](transition[s, a, z] * v[z])
    (sum[s](start[s] * v[s]), v, q, visits)
}

# ---- responses as the rows of a batch [R, T], tokens that do not count anywhere inside

## Advantages of `gae` (Schulman et al. 2016) over the counted tokens: the others are passed by, with their values and deltas.
fn gae_tokens(reward: float[R, T], value: float[R, T], mask: bool[R, T]; gamma = 1.0, lambda = 1.0) -> float[R, T] {
    rec {
        next[r, t] = if mask[r, t] { value[r, t] } else { next[r, t + 1] ?? 0 }
        a[r, t] = if mask[r, t] { reward[r, t] + gamma * (next[r, t + 1] ?? 0) - value[r, t] + gamma * lambda * (a[r, t + 1] ?? 0) }
                  else { a[r, t + 1] ?? 0 }
    }
    a
}

## Discounted rewards to go of each token; a token that does not count starts anew (REINFORCE++, Hu 2025).
fn rewards_to_go(reward: float[R, T], mask: bool[R, T], gamma: real) -> float[R, T] {
    rec g[r, t] = reward[r, t] + gamma * (if t + 1 < T and (mask[r, t + 1] ?? false) { g[r, t + 1] ?? 0 } else { 0 })
    g
}
