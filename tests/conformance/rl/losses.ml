import std.rl: centred_by, deviation_by, leave_one_out_by, clipped_tokens, clipped_dual, gae_tokens, rewards_to_go, k1, k2, k3
import std.rl: token_mean, mean_of_sums, dpo, dpo_robust, hinge, ipo, sppo, forward_score, jensen_score
import std.losses: entropy

## The mean over counted tokens; its divisor has 1e-8 more. Losses over all tokens do without.
fn masked_mean(x: float[R, T], mask: bool[R, T]) -> float = sum[r, t | mask[r, t]](x[r, t]) / (count[r, t](mask[r, t]) + 1e-8)

## The mean over responses of such means.
fn mean_of_masked(x: float[R, T], mask: bool[R, T]) -> float =
    mean[r](sum[t | mask[r, t]](x[r, t]) / (count[t](mask[r, t]) + 1e-8))

## `std.rl.whitened` with such means.
fn whitened(x: float[R, T], mask: bool[R, T]) -> float[R, T] {
    let n = count[r, t](mask[r, t])
    let m = masked_mean(x, mask)
    (x - m) * rsqrt(masked_mean((x - m) ^ 2, mask) * n / (n - 1) + 1e-8)
}

## One number of a response for each of its counted tokens.
fn spread(x: float[R], mask: bool[R, T]) -> float[R, T] {
    out[r, t] = if mask[r, t] { x[r] } else { 0 }
}

fn only(x: float[R, T], mask: bool[R, T]) -> float[R, T] {
    out[r, t] = if mask[r, t] { x[r, t] } else { 0 }
}

fn scores(reward: float[R, T]) -> float[R] {
    out[r] = sum[t](reward[r, t])
}

## A group of one keeps its reward as it is, and is divided by 1.
fn lonely(group: i64[R]) -> bool[R] {
    out[r] = count[s](group[s] == group[r]) == 1
}

fn group_normalised(reward: float[R], group: i64[R], eps: real) -> float[R] {
    let c = centred_by(reward, group)
    let d = deviation_by(reward, group)
    let alone = lonely(group)
    out[r] = if alone[r] { reward[r] / (1 + eps) } else { c[r] / (d[r] + eps) }
}

fn group_centred(reward: float[R], group: i64[R]) -> float[R] {
    let c = centred_by(reward, group)
    let alone = lonely(group)
    out[r] = if alone[r] { reward[r] } else { c[r] }
}

fn group_left_out(reward: float[R], group: i64[R]) -> float[R] {
    let c = leave_one_out_by(reward, group)
    let alone = lonely(group)
    out[r] = if alone[r] { reward[r] } else { c[r] }
}

fn gae(reward: float[R, T], value: float[R, T], mask: bool[R, T], gamma: real, lambda: real) -> (float[R, T], float[R, T]) {
    let a = gae_tokens(reward, value, mask, gamma: gamma, lambda: lambda)
    (whitened(a, mask), a + value)
}

fn reinforce(reward: float[R, T], mask: bool[R, T], gamma: real) -> (float[R, T], float[R, T]) {
    let g = rewards_to_go(reward, mask, gamma)
    (only(whitened(g, mask), mask), g)
}

## Share of tokens where the clip decides, the mean drift, share where the lower clip, at c, decides; c is infinite where there is none.
fn clip_shares(ratio: float[R, T], drift: float[R, T], adv: float[R, T], mask: bool[R, T], low: real, high: real, c: real)
        -> (float, float, float) {
    let plain[r, t] = -adv[r, t] * ratio[r, t]
    let held[r, t] = -adv[r, t] * clip(ratio[r, t], 1 - low, 1 + high)
    let upper[r, t]: float = if held[r, t] > plain[r, t] { 1.0 } else { 0.0 }
    let lower[r, t]: float = if max(plain[r, t], held[r, t]) > -c * adv[r, t] and adv[r, t] < 0 { 1.0 } else { 0.0 }
    (masked_mean(upper, mask), masked_mean(drift, mask), masked_mean(lower, mask))
}

## The ratio of whole responses, for each token.
fn response_ratio(logp: float[R, T], old: float[R, T], mask: bool[R, T]) -> float[R, T] {
    let m[r] = mean[t | mask[r, t]](logp[r, t] - old[r, t])
    out[r, t] = exp(m[r])
}

fn value_loss(value: float[R, T], old: float[R, T], target: float[R, T], mask: bool[R, T], eps: real) -> (float, float) {
    let plain[r, t] = (value[r, t] - target[r, t]) ^ 2
    let held[r, t] = (clip(value[r, t], old[r, t] - eps, old[r, t] + eps) - target[r, t]) ^ 2
    let more[r, t]: float = if held[r, t] > plain[r, t] { 1.0 } else { 0.0 }
    (0.5 * token_mean(max(plain, held), mask), masked_mean(more, mask))
}
