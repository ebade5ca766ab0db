import std.rl: returns, n_step, vtrace, gae, q_target, double_target, soft_target, dueling, ou_noise, log_tanh_slope, gaussian_logp
import std.rl: qac, actor_critic, deterministic_ac, policy_values

## Generalised advantages where episode_start[t] says that step t begins an episode; then the returns.
fn gae_by_starts(reward: float[T, E], value: float[T, E], start: float[T, E], last: float[E], last_done: bool[E], gamma: real, lambda: real)
        -> (float[T, E], float[T, E]) {
    let done[t: T, e] = if t + 1 < T { start[t + 1, e] ?? 0 } else if last_done[e] { 1 } else { 0 }
    let a = gae(reward, value, done, last, gamma: gamma, lambda: lambda)
    (a, a + value)
}

## Monte Carlo, n-step and V-trace returns.
fn all_returns(reward: float[T, E], value: float[T, E], done: float[T, E], last: float[E], rho: float[T, E], gamma: real, n: int,
               rho_bar: real, c_bar: real) -> (float[T, E], float[T, E], float[T, E], float[T, E]) where n >= 1 {
    let (v, a) = vtrace(reward, value, done, last, rho, gamma: gamma, rho_bar: rho_bar, c_bar: c_bar)
    (returns(reward, done, last, gamma), n_step(reward, value, done, last, n, gamma), v, a)
}

## PyTorch's: above 20 the argument itself, which is up to e^-20 = 2e-9 less.
@elementwise fn softplus_to_20(x: float) -> float = if x > 20 { x } else { softplus(x) }

## An action squashed by tanh: the action, the log of the slope, the log-density, the log with a constant in it. The slope as the values were made, and
## last slope and density as the library has them, which are exact above 20, too (here at u = -12: 2 e^-24 = 7.6e-11 beside 22.6).
fn squashed(u: float[N], m: float[N], log_std: float[N]) -> (float[N], float[N], float[N], float[N], float[N], float[N]) {
    let slope = 2 * (0.69314718055994531 - u - softplus_to_20(-2 * u))
    let logp = gaussian_logp(u, m, log_std)
    (tanh(u), slope, logp - slope, log(1 - tanh(u) ^ 2 + 1e-6), log_tanh_slope(u), logp - log_tanh_slope(u))
}
