## Small control tasks of Gymnasium (Towers et al. 2024), as functions of a state: next state, reward, whether the task has ended. States are
## f64, angles in radians, times in seconds. `..._run` takes T actions from a start, without starting again.

## T steps of a task: the states after each, the rewards, and where it had ended. `step` takes a state and the number of the action.
fn episode[T](step: fn(f64[S], i64) -> (f64[S], f64, bool), start: f64[S]) -> (f64[T, S], f64[T], bool[T]) {
    var s = start
    var state: f64[T, S] = 0
    var reward: f64[T] = 0
    var ended: bool[T] = false
    for t in 0..T {
        let (next, r, e) = step(s, t)
        s = next
        state[t] = s
        reward[t] = r
        ended[t] = e
    }
    (state, reward, ended)
}

# ---- CartPole-v1 (Barto, Sutton and Anderson 1983): x, x', theta, theta'

## One Euler step of 0.02 s under a push of 10 N, right for action 1, left for 0. Ends beyond |x| 2.4 or |theta| 12 degrees; reward 1 a step.
fn cartpole(s: f64[4], action: int) -> (f64[4], f64, bool) {
    let force = if action == 1 { f64(10) } else { f64(-10) }
    let (c, n) = (cos(s[2]), sin(s[2]))
    let push = (force + 0.05 * s[3] ^ 2 * n) / 1.1
    let turn = (9.8 * n - c * push) / (0.5 * (4 / f64(3) - 0.1 * c ^ 2 / 1.1))
    let slide = push - 0.05 * turn * c / 1.1
    let next[i: 4] = if i == 0 { s[0] + 0.02 * s[1] } else if i == 1 { s[1] + 0.02 * slide }
                     else if i == 2 { s[2] + 0.02 * s[3] } else { s[3] + 0.02 * turn }
    let limit = 12 * f64(2) * 3.141592653589793 / 360
    (next, f64(1), abs(next[0]) > 2.4 or abs(next[2]) > limit)
}

## T steps from `start` with the given actions (0 or 1): states [T, 4], rewards, and where the pole had fallen.
fn cartpole_run(start: f64[4], action: i64[T]) -> (f64[T, 4], f64[T], bool[T]) = episode[T](fn(s, t) = cartpole(s, action[t]), start)

# ---- Pendulum-v1: theta (0 is up), theta'

## Torque held in [-2, 2], speed in [-8, 8], 0.05 s a step; the reward -(angle^2 + 0.1 speed^2 + 0.001 torque^2) is of the state before the
## step, the angle taken in [-pi, pi). The angle of the state is not wrapped. Never ends.
fn pendulum(s: f64[2], action: f64) -> (f64[2], f64, bool) {
    let u = clip(action, -2, 2)
    let pi = f64(3.141592653589793)
    let angle = (s[0] + pi) % (2 * pi) - pi
    let speed = clip(s[1] + (15 * sin(s[0]) + 3 * u) * 0.05, -8, 8)
    let next[i: 2] = if i == 0 { s[0] + speed * 0.05 } else { speed }
    (next, -(angle ^ 2 + 0.1 * s[1] ^ 2 + 0.001 * u ^ 2), false)
}

## T steps from (angle, speed) with the given torques: states [T, 2], rewards; it never ends.
fn pendulum_run(start: f64[2], action: f64[T]) -> (f64[T, 2], f64[T], bool[T]) = episode[T](fn(s, t) = pendulum(s, action[t]), start)

## What an agent sees: cos, sin, speed.
fn pendulum_seen(state: f64[T, 2]) -> f32[T, 3] {
    out[t, i] = f32(if i == 0 { cos(state[t, 0]) } else if i == 1 { sin(state[t, 0]) } else { state[t, 1] })
}

# ---- MountainCarContinuous-v0 (Moore 1990): position, velocity

## Force held in [-1, 1]; a wall at -1.2; ends at 0.45. Reward 100 at the goal, minus 0.1 action^2 of the action as it was given. The
## state is rounded to f32 after each step.
fn mountaincar(s: f64[2], action: f64) -> (f64[2], f64, bool) {
    let force = clip(action, -1, 1)
    let speed = clip(s[1] + force * 0.0015 - 0.0025 * cos(3 * s[0]), -0.07, 0.07)
    let place = clip(s[0] + speed, -1.2, 0.6)
    let v = if place <= -1.2 and speed < 0 { f64(0) } else { speed }
    let ended = place >= 0.45 and v >= 0
    let next[i: 2] = f64(f32(if i == 0 { place } else { v }))
    (next, (if ended { f64(100) } else { f64(0) }) - 0.1 * action ^ 2, ended)
}

## T steps from (place, speed) with the given forces: states [T, 2], rewards, and where the goal was reached.
fn mountaincar_run(start: f64[2], action: f64[T]) -> (f64[T, 2], f64[T], bool[T]) = episode[T](fn(s, t) = mountaincar(s, action[t]), start)

# ---- Acrobot-v1 (Sutton 1996; the equations of Sutton and Barto's book): theta1, theta2, theta1', theta2'

## The time derivative of the state under a torque at the second joint; two links of length and mass 1, inertia 1, g 9.8.
fn acrobot_slope(s: f64[4], torque: f64) -> f64[4] {
    let half = f64(3.141592653589793) / 2
    let d1 = 0.25 + (1.25 + cos(s[1])) + 2
    let d2 = 0.25 + 0.5 * cos(s[1]) + 1
    let phi2 = 4.9 * cos(s[0] + s[1] - half)
    let phi1 = -0.5 * s[3] ^ 2 * sin(s[1]) - s[3] * s[2] * sin(s[1]) + 14.7 * cos(s[0] - half) + phi2
    let b = (torque + d2 / d1 * phi1 - 0.5 * s[2] ^ 2 * sin(s[1]) - phi2) / (1.25 - d2 ^ 2 / d1)
    let a = -(d2 * b + phi1) / d1
    out[i] = if i == 0 { s[2] } else if i == 1 { s[3] } else if i == 2 { a } else { b }
}

## One Runge-Kutta step of 0.2 s under the torque action - 1; angles wrapped to [-pi, pi], speeds held within 4 pi and 9 pi. Ends when the
## tip is above the bar by 1; reward -1 a step, 0 at the end.
fn acrobot(s: f64[4], action: int) -> (f64[4], f64, bool) {
    let pi = f64(3.141592653589793)
    let u = f64(action - 1)
    let k1 = acrobot_slope(s, u)
    let k2 = acrobot_slope(s + 0.1 * k1, u)
    let k3 = acrobot_slope(s + 0.1 * k2, u)
    let k4 = acrobot_slope(s + 0.2 * k3, u)
    let n = s + 0.2 / f64(6) * (k1 + 2 * k2 + 2 * k3 + k4)
    let next[i: 4] = if i < 2 { n[i] - 2 * pi * ceil((abs(n[i]) - pi) / (2 * pi)) * sign(n[i]) * (if abs(n[i]) > pi { f64(1) } else { f64(0) }) }
                     else if i == 2 { clip(n[2], -4 * pi, 4 * pi) } else { clip(n[3], -9 * pi, 9 * pi) }
    let ended = -cos(next[0]) - cos(next[1] + next[0]) > 1
    (next, if ended { f64(0) } else { f64(-1) }, ended)
}

## T steps from two angles and their speeds with the given actions (0, 1 or 2): states [T, 4], rewards, and where the height was reached.
fn acrobot_run(start: f64[4], action: i64[T]) -> (f64[T, 4], f64[T], bool[T]) = episode[T](fn(s, t) = acrobot(s, action[t]), start)

## What an agent sees: cos and sin of both angles, both speeds.
fn acrobot_seen(state: f64[T, 4]) -> f32[T, 6] {
    out[t, i] = f32(if i == 0 { cos(state[t, 0]) } else if i == 1 { sin(state[t, 0]) } else if i == 2 { cos(state[t, 1]) }
                    else if i == 3 { sin(state[t, 1]) } else { state[t, i - 2] })
}

# ---- tables: transition[s, a, s'] without the share that ends the task, reward[s, a]

## Optimal values by value iteration (Bellman 1957): n sweeps of v = max_a q, q = reward + gamma transition v.
fn optimal_values(transition: f64[S, A, S], reward: f64[S, A], gamma: real, n: int) -> (f64[S, A], f64[S]) {
    var v: f64[S] = 0
    for _ in 0..n {
        let q[s, a] = reward[s, a] + gamma * sum[z](transition[s, a, z] * v[z])
        let best[s] = max[a](q[s, a])
        v = best
    }
    let q[s, a] = reward[s, a] + gamma * sum[z](transition[s, a, z] * v[z])
    (q, v)
}
