import std.rl: token_mean, mean_of_means, mean_of_sums, constant_mean, token_ratio, sequence_ratio, clipped, clipped_two_sided, cispo, sapo
import std.rl: vespo, gmpo, near_policy, forking_tokens, rloo_loss, k3, centred, group_advantage, batch_advantage, leave_one_out, normalised
import std.rl: dpo, hinge, ipo, simpo, alpha_score, kto_baseline, kto, apo_zero, log_odds
import std.losses: reward_pair, next_token, next_token_dft, distil

fn row_sums(x: float[N, T]) -> float[N] {
    out[n] = sum[t](x[n, t])
}

## Kahneman-Tversky loss, and its baseline.
fn kto_loss(logp: float[N, T], ref: float[N], good: bool[N], kl_logp: float[M], kl_ref: float[M], beta: real, up: real, down: real)
        -> (float, float) {
    let z = kto_baseline(kl_logp, kl_ref)
    (kto(row_sums(logp) - ref, good, z, beta, up: up, down: down), z)
}

## The loss, the log-odds and the term of each pair.
fn orpo(win: float[N], lose: float[N], nll: float, weight: real) -> (float, float[N], float[N]) {
    let odds = log_odds(win, lose)
    let term = weight * log_sigmoid(odds)
    (nll - mean(term), odds, term)
}
