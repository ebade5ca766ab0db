## Learning rates as functions of the step t (from 0), and averages of weights. `base` is the rate that a schedule reaches after its warm-up,
## which rises from 0 in equal parts.

## The share of the rate in step t of a warm-up of n steps: 0, 1 / n, .. 1.
fn warmup(t: int, n: int) -> f64 = if t < n { f64(t) / f64(n) } else { 1 }

## A falling half wave, from 1 at 0 to 0 at 1.
fn half_wave(x: f64) -> f64 = 0.5 * (1 + cos(pi * x))

## From `base` to `least` in n steps along a half wave (Loshchilov and Hutter 2017); behind step n the wave rises again.
fn cosine(t: int, base: f64, least: f64, n: int) -> f64 where n >= 1 = least + (base - least) * half_wave(f64(t) / f64(n))

## The same, again and again: the first cycle takes n steps, each following one `times` as many.
fn cosine_restarts(t: int, base: f64, least: f64, n: int, times: int) -> f64 where n >= 1, times >= 1 {
    var from = 0
    var size = n
    while t >= from + size {
        from += size
        size *= times
    }
    cosine(t - from, base, least, size)
}

## After a warm-up of w steps, a half wave to 0 at step n.
fn cosine_after(t: int, base: f64, w: int, n: int) -> f64 where w < n =
    if t < w { base * warmup(t, w) } else { base * half_wave(f64(t - w) / f64(n - w)) }

## After a warm-up of w steps, a line to 0 at step n.
fn linear_after(t: int, base: f64, w: int, n: int) -> f64 where w < n =
    if t < w { base * warmup(t, w) } else { base * max(0, f64(n - t) / f64(n - w)) }

## After a warm-up of w steps, (1 - progress)^power from `base` to `last` at step n.
fn polynomial_after(t: int, base: f64, last: f64, power: f64, w: int, n: int) -> f64 where w < n =
    if t < w { base * warmup(t, w) } else if t > n { last } else { last + (base - last) * (1 - f64(t - w) / f64(n - w)) ^ power }

## After a warm-up of w steps, falling as 1 / sqrt(t) on a scale of `scale` steps (Vaswani et al. 2017).
fn inverse_sqrt(t: int, base: f64, w: int, scale: int) -> f64 where scale >= 1 =
    if t < w { base * warmup(t, w) } else { base * rsqrt(f64(t + scale - w) / f64(scale)) }

## Warm-up, `stable` steps at the full rate, a half wave to 0 in `decay` steps (Hu et al. 2024).
fn warmup_stable_decay(t: int, base: f64, w: int, stable: int, decay: int) -> f64 where decay >= 1 =
    if t < w + stable { base * warmup(t, w) } else if t < w + stable + decay { base * half_wave(f64(t - w - stable) / f64(decay)) } else { 0 }

## Half a wave up from top / `div` to `top` at step `up` n - 1, then half a wave down to top / (div * `last_div`) at step n - 1 (Smith 2018).
fn one_cycle(t: int, top: f64, n: int; up = 0.3, div = 25.0, last_div = 10000.0) -> f64 {
    let peak = f64(up) * f64(n) - 1
    let (first, last) = (top / f64(div), top / f64(div) / f64(last_div))
    if f64(t) <= peak { top + (first - top) * half_wave(f64(t) / peak) } else { last + (top - last) * half_wave((f64(t) - peak) / (f64(n) - 1 - peak)) }
}

## Multiplied by `gamma` every `size` steps.
fn stairs(t: int, base: f64, size: int, gamma: f64) -> f64 where size >= 1 = base * gamma ^ (t // size)

## Multiplied by `gamma` in every step.
fn exponential_decay(t: int, base: f64, gamma: f64) -> f64 = base * gamma ^ t

## From base * `first` to base * `last` in n steps along a line.
fn line(t: int, base: f64, first: f64, last: f64, n: int) -> f64 where n >= 1 = base * (first + (last - first) * f64(min(t, n)) / f64(n))

## The rate used in each step when metric[t] is known after step t: multiplied by `factor` when it has not fallen below (1 - `threshold`) times
## the best so far for more than `patience` steps.
fn plateau(metric: f64[T], base: f64; factor = 0.5, patience = 10, threshold = 1e-4) -> f64[T] {
    var rate = base
    var best: f64 = inf
    var bad = 0
    var used: f64[T] = 0
    for t in 0..T {
        used[t] = rate
        let better = metric[t] < best * (1 - threshold)
        best = if better { metric[t] } else { best }
        bad = if better { 0 } else { bad + 1 }
        if bad > patience {
            rate = rate * factor
            bad = 0
        }
    }
    used
}

## The exponential moving average after each of T weights, beginning with the first (Polyak and Juditsky 1992).
fn moving_average(w: float[T, D], decay: real) -> float[T, D] {
    rec e[t, d] = if t == 0 { w[t, d] } else { decay * e[t - 1, d] + (1 - decay) * w[t, d] }
    e
}
