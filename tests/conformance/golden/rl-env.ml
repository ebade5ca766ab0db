import std.env: cartpole_run, pendulum_run, pendulum_seen, mountaincar_run, acrobot_run, acrobot_seen, optimal_values

fn cartpole(start: f64[4], action: i64[T]) -> (f64[T, 4], f64[T], bool[T], f32[T, 4]) {
    let (s, r, e) = cartpole_run(start, action)
    (s, r, e, f32(s))
}

fn pendulum(start: f64[2], action: f64[T]) -> (f64[T, 2], f64[T], bool[T], f32[T, 3]) {
    let (s, r, e) = pendulum_run(start, action)
    (s, r, e, pendulum_seen(s))
}

fn mountaincar(start: f64[2], action: f64[T]) -> (f64[T, 2], f64[T], bool[T], f32[T, 2]) {
    let (s, r, e) = mountaincar_run(start, action)
    (s, r, e, f32(s))
}

fn acrobot(start: f64[4], action: i64[T]) -> (f64[T, 4], f64[T], bool[T], f32[T, 6]) {
    let (s, r, e) = acrobot_run(start, action)
    (s, r, e, acrobot_seen(s))
}
