import std.env: cartpole, pendulum, mountaincar, acrobot, cartpole_run, pendulum_run, mountaincar_run, acrobot_run
import std.env: pendulum_seen, acrobot_seen, optimal_values

## One step from the start and from each stored state: the states after it, and the rewards. `step` takes a state and the number of its action.
fn steps(step: fn(f64[S], i64) -> (f64[S], f64, bool), start: f64[S], stored: f64[T, S]) -> (f64[T, S], f64[T]) {
    var state: f64[T, S] = 0
    var reward: f64[T] = 0
    for t in 0..T {
        let s[i] = stored[t - 1, i] ?? start[i]
        let (next, r, _) = step(s, t)
        state[t] = next
        reward[t] = r
    }
    (state, reward)
}

fn cartpole_episode(start: f64[4], action: i64[T], stored: f64[T, 4]) {
    let (s, r, e) = cartpole_run(start, action)
    let (s1, r1) = steps(fn(s, t) = cartpole(s, action[t]), start, stored)
    (s, r, e, f32(s), s1, r1)
}

fn pendulum_episode(start: f64[2], action: f64[T], stored: f64[T, 2]) {
    let (s, r, e) = pendulum_run(start, action)
    let (s1, r1) = steps(fn(s, t) = pendulum(s, action[t]), start, stored)
    (s, r, e, pendulum_seen(s), s1, r1)
}

fn mountaincar_episode(start: f64[2], action: f64[T], stored: f64[T, 2]) {
    let (s, r, e) = mountaincar_run(start, action)
    let (s1, r1) = steps(fn(s, t) = mountaincar(s, action[t]), start, stored)
    (s, r, e, f32(s), s1, r1)
}

fn acrobot_episode(start: f64[4], action: i64[T], stored: f64[T, 4]) {
    let (s, r, e) = acrobot_run(start, action)
    let (s1, r1) = steps(fn(s, t) = acrobot(s, action[t]), start, stored)
    (s, r, e, acrobot_seen(s), s1, r1)
}
