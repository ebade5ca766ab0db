import std.env: cartpole, pendulum, mountaincar, acrobot, cartpole_run, pendulum_run, mountaincar_run, acrobot_run
import std.env: pendulum_seen, acrobot_seen, optimal_values

## One step from the start and from each stored state: the states after it, and the rewards.
fn steps4(step: fn(f64[4], i64) -> (f64[4], f64, bool), start: f64[4], stored: f64[T, 4], action: i64[T]) -> (f64[T, 4], f64[T]) {
    var state: f64[T, 4] = 0
    var reward: f64[T] = 0
    for t in 0..T {
        let s[i] = stored[t - 1, i] ?? start[i]
        let (next, r, _) = step(s, action[t])
        state[t] = next
        reward[t] = r
    }
    (state, reward)
}

fn steps2(step: fn(f64[2], f64) -> (f64[2], f64, bool), start: f64[2], stored: f64[T, 2], action: f64[T]) -> (f64[T, 2], f64[T]) {
    var state: f64[T, 2] = 0
    var reward: f64[T] = 0
    for t in 0..T {
        let s[i] = stored[t - 1, i] ?? start[i]
        let (next, r, _) = step(s, action[t])
        state[t] = next
        reward[t] = r
    }
    (state, reward)
}

fn cartpole_episode(start: f64[4], action: i64[T], stored: f64[T, 4]) {
    let (s, r, e) = cartpole_run(start, action)
    let (s1, r1) = steps4(cartpole, start, stored, action)
    (s, r, e, f32(s), s1, r1)
}

fn pendulum_episode(start: f64[2], action: f64[T], stored: f64[T, 2]) {
    let (s, r, e) = pendulum_run(start, action)
    let (s1, r1) = steps2(pendulum, start, stored, action)
    (s, r, e, pendulum_seen(s), s1, r1)
}

fn mountaincar_episode(start: f64[2], action: f64[T], stored: f64[T, 2]) {
    let (s, r, e) = mountaincar_run(start, action)
    let (s1, r1) = steps2(mountaincar, start, stored, action)
    (s, r, e, f32(s), s1, r1)
}

fn acrobot_episode(start: f64[4], action: i64[T], stored: f64[T, 4]) {
    let (s, r, e) = acrobot_run(start, action)
    let (s1, r1) = steps4(acrobot, start, stored, action)
    (s, r, e, acrobot_seen(s), s1, r1)
}
