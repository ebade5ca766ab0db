## Distributions beside those that are built in (uniform, normal, exponential, bernoulli, integer, kaiming_uniform, categorical), and random
## orders. Each is a function of a key, so it stands behind `~`, where every element gets a key of its own:
##
##     let x[b, d] ~ laplace(0, 1, key: k)
##
## or is called with a key. A key gives the same numbers wherever and whenever it is used; `fold(k, n)` makes a new one. Real numbers carry the
## 24 random bits of f32. Parameters outside of their domain (a spread below 0, a shape of 0, NaN) are a status.
import std.special: erfinv

# ---- real numbers, by inversion of the distribution function

## Density e^(-|x - m| / s) / (2 s): mean m, variance 2 s^2.
fn laplace(m: float, s: float, key: Key) -> float {
    check(s >= 0, "a spread is not negative")
    let u ~ uniform(-1, 1, key: key)
    m - s * sign(u) * log1p(-min(abs(u), 0.99999994))          # u may be -1
}

## Distribution function sigmoid((x - m) / s): mean m, variance (pi s)^2 / 3.
fn logistic(m: float, s: float, key: Key) -> float {
    check(s >= 0, "a spread is not negative")
    let e ~ exponential(1, key: key)                # e^-e is uniform
    m - s * (e + log(-expm1(-e)))
}

## Density 1 / (pi s (1 + ((x - m) / s)^2)): median m, no mean.
fn cauchy(m: float, s: float, key: Key) -> float {
    check(s >= 0, "a spread is not negative")
    let u ~ uniform(-0.5, 0.5, key: key)
    m + s * tan(pi * u)
}

## Distribution function exp(-e^(-(x - m) / s)): mean m + 0.5772 s, variance (pi s)^2 / 6. The largest of logits + gumbel(0, 1) is a draw from
## softmax(logits).
fn gumbel(m: float, s: float, key: Key) -> float {
    check(s >= 0, "a spread is not negative")
    let e ~ exponential(1, key: key)
    m - s * log(e)
}

## e^x for x normal with mean m and standard deviation s.
fn lognormal(m: float, s: float, key: Key) -> float {
    check(s >= 0, "a spread is not negative")
    let z ~ normal(0, 1, key: key)
    exp(m + s * z)
}

## Distribution function 1 - exp(-(x / scale)^shape) for x >= 0.
fn weibull(shape: float, scale: float, key: Key) -> float {
    check(shape > 0 and scale >= 0, "a Weibull distribution needs a positive shape and a scale from 0 on")
    let e ~ exponential(1, key: key)
    scale * e ^ (1 / shape)
}

## Distribution function 1 - (least / x)^shape for x >= least.
fn pareto(shape: float, least: float, key: Key) -> float {
    check(shape > 0 and least >= 0, "a Pareto distribution needs a positive shape and a least value from 0 on")
    let e ~ exponential(1, key: key)
    least * exp(e / shape)
}

## Normal with mean m and standard deviation s > 0, only between low and high (which are numbers of x, not of deviations; -inf and inf are no
## bound). By inversion, and where the whole range is more than two deviations away by rejection from an exponential (Robert 1995).
fn truncated_normal(m: float, s: float, low: float, high: float, key: Key) -> float {
    check(low <= high, "a truncated normal distribution over an empty range")
    check(s > 0 and isfinite(m + s), "a truncated normal distribution needs a mean and a positive deviation")
    let (a, b) = ((low - m) / s, (high - m) / s)
    let z = if a > 2 { _normal_tail(a, b, key) } else if b < -2 { -_normal_tail(-b, -a, key) } else { _normal_between(a, b, key) }
    clip(m + s * z, low, high)
}

fn _normal_between(a: float, b: float, key: Key) -> float {
    let (p, q) = (erf(0.70710678118654752 * a), erf(0.70710678118654752 * b))
    let u ~ uniform(0, 1, key: key)
    1.4142135623730951 * erfinv(p + u * (q - p))
}

# From a > 0 to b: a + y for y exponential of rate a and cut at b - a, which is taken with probability e^(-y^2 / 2), from a = 2 on more than
# four times in five.
fn _normal_tail(a: float, b: float, key: Key) -> float {
    let cut = expm1(-a * (b - a))
    var z = 0 * cut - 1
    var n = 0
    while z < 0 and n < 1000 {
        let u ~ uniform(0, 1, key: fold(key, n))
        let keep ~ uniform(0, 1, key: fold(key, n))
        let y = -log1p(u * cut) / a
        if keep <= exp(-0.5 * y * y) { z = a + y }
        n += 1
    }
    if z < 0 { a } else { z }
}

## -1 or 1, each with probability 1/2.
fn rademacher(key: Key) -> f32 {
    let b ~ bernoulli(0.5, key: key)
    if b { 1 } else { -1 }
}

# ---- by rejection: how many numbers one draw takes is random, the result still depends on the key alone

## Gamma distribution, mean shape * scale, variance shape * scale^2 (Marsaglia and Tsang 2000; below shape 1 by their power of a uniform number).
fn gamma(shape: float, scale: float, key: Key) -> float {
    check(scale >= 0, "a scale is not negative")
    let x = _gamma_from_1(shape, key)
    let e ~ exponential(1, key: key)
    x * scale * (if shape < 1 { exp(-e / shape) } else { 1.0 })
}

# A gamma number, of shape + 1 if the shape is below 1.
fn _gamma_from_1(shape: float, key: Key) -> float {
    check(shape > 0 and shape < inf, "a gamma distribution needs a positive shape")
    let d = (if shape < 1 { shape + 1 } else { shape }) - 0.33333333333333333
    let c = 1 / sqrt(9 * d)
    var v = 0 * shape
    var n = 0
    while v <= 0 {
        let z ~ normal(0, 1, key: fold(key, n))
        let u ~ uniform(0, 1, key: fold(key, n))
        let w = (1 + c * z) * (1 + c * z) * (1 + c * z)
        if w > 0 and log(1 - u) < 0.5 * z * z + d - d * w + d * log(w) { v = w }
        n += 1
    }
    d * v
}

# Its logarithm: of small shapes most numbers are below the least float.
fn _log_gamma(shape: float, key: Key) -> float {
    let x = _gamma_from_1(shape, key)
    let e ~ exponential(1, key: key)
    log(x) - (if shape < 1 { e / shape } else { 0.0 })
}

## Sum of `n` squares of standard normal numbers; n may be any positive number.
fn chi_square(n: float, key: Key) -> float = gamma(0.5 * n, 2.0 + 0 * n, key)

## Mean a / (a + b), in [0, 1].
fn beta(a: float, b: float, key: Key) -> float = sigmoid(_log_gamma(a, fold(key, 0)) - _log_gamma(b, fold(key, 1)))

## Student's t with n degrees of freedom: variance n / (n - 2) for n > 2.
fn student(n: float, key: Key) -> float {
    let z ~ normal(0, 1, key: key)
    z * exp(0.5 * (log(0.5 * n) - _log_gamma(0.5 * n, fold(key, 0))))
}

# ---- whole numbers

## The number of failures before the first success of probability p: mean (1 - p) / p.
fn geometric(p: float, key: Key) -> i64 {
    check(0 < p and p <= 1, "a probability of success is above 0 and at most 1")
    let e ~ exponential(1, key: key)
    if p >= 1 { 0 } else { i64(floor(min(-e / log1p(-p), 9e18))) }
}

## Successes among n trials of probability p: from one to the next where fewer than 10 are to be expected (Devroye 1986), else by transformed
## rejection (Hoermann 1993, BTRS); steps do not grow with n.
fn binomial(n: i64, p: float, key: Key) -> i64 {
    check(n >= 0, "a number of trials is not negative")
    check(0 <= p and p <= 1, "a probability is from 0 to 1")
    let q = min(f64(p), 1 - f64(p))
    let k = if f64(n) * q < 10 { _binomial_few(f64(n), q, key) } else { _binomial_many(f64(n), q, key) }
    if p > 0.5 { n - k } else { k }
}

fn _binomial_few(n: f64, p: f64, key: Key) -> i64 {
    var trials: f64 = 0
    var k: i64 = -1
    while trials <= n {
        let e[i: 1]: f64 ~ exponential(1, key: fold(key, k))
        trials += floor(-e[0] / log1p(-p)) + 1
        k += 1
    }
    k
}

fn _binomial_many(n: f64, p: f64, key: Key) -> i64 {
    let s = sqrt(n * p * (1 - p))
    let b = 1.15 + 2.53 * s
    let a = -0.0873 + 0.0248 * b + 0.01 * p
    let alpha = (2.83 + 5.1 / b) * s
    let m = floor((n + 1) * p)
    var k: i64 = -1
    var t = 0
    while k < 0 {
        let u[i: 2]: f64 ~ uniform(0, 1, key: fold(key, t))
        let x = u[0] - 0.5
        let r = 0.5 - abs(x)
        let y = floor((2 * a / r + b) * x + n * p + 0.5)
        if y >= 0 and y <= n and ((r >= 0.07 and u[1] <= 0.92 - 4.2 / b)
                                  or log(u[1] * alpha / (a / (r * r) + b)) <= _log_binomial(y, n, p) - _log_binomial(m, n, p)) { k = i64(y) }
        t += 1
    }
    k
}

# The logarithm of the probability of k successes, from the distances of k and n - k to their means (Loader 2000), so that nothing large cancels.
fn _log_binomial(k: f64, n: f64, p: f64) -> f64 =
    -_stirling(k) - _stirling(n - k) - _deviance(k, n * p) - _deviance(n - k, n * (1 - p)) - 0.5 * (log(max(k, 0.15915494309189535)) + log(max(n - k, 0.15915494309189535)))

# log k! - (k log k - k + log(2 pi k) / 2); of 0 what the formula above leaves.
fn _stirling(k: f64) -> f64 =
    if k < 10 { lgamma(k + 1) - (if k > 0 { k * log(k) - k + 0.5 * log(6.2831853071795865 * k) } else { 0.0 }) }
    else { (1 / f64(12) - (1 / f64(360) - 1 / (1260 * k * k)) / (k * k)) / k }

# k log(k / mean) + mean - k.
fn _deviance(k: f64, mean: f64) -> f64 = if k > 0 { (mean - k) - k * log1p((mean - k) / k) } else { mean }

## Events at a mean rate up to 1e18: one after the other below 12, else by transformed rejection (Hoermann 1993, PTRS).
fn poisson(rate: f64, key: Key) -> i64 {
    check(rate >= 0 and rate <= 1e18, "a rate is not negative, and at most 1e18")
    if rate < 12 { _poisson_few(rate, key) } else { _poisson_many(rate, key) }
}

fn _poisson_few(rate: f64, key: Key) -> i64 {
    var time: f64 = 0
    var n: i64 = -1
    while time <= rate {
        let e ~ exponential(1, key: fold(key, n))
        time += f64(e)
        n += 1
    }
    n
}

fn _poisson_many(rate: f64, key: Key) -> i64 {
    let b = 0.931 + 2.53 * sqrt(rate)
    let a = -0.059 + 0.02483 * b
    let fence = 0.9277 - 3.6224 / (b - 2)
    var k: i64 = -1
    var n = 0
    while k < 0 {
        let u[i: 2]: f64 ~ uniform(0, 1, key: fold(key, n))
        let x = u[0] - 0.5
        let s = 0.5 - abs(x)
        let y = floor((2 * a / s + b) * x + rate + 0.43)
        let sure = s >= 0.07 and u[1] <= fence
        if sure or (y >= 0 and not (s < 0.013 and u[1] > s)
                    and log(u[1] * (1.1239 + 1.1328 / (b - 3.4)) / (a / (s * s) + b)) <= -_stirling(y) - _deviance(y, rate) - 0.5 * log(6.2831853071795865 * max(y, 0.15915494309189535))) { k = i64(y) }
        n += 1
    }
    k
}

# ---- vectors and orders

## Probabilities with mean alpha / sum alpha: gamma numbers divided by their sum.
fn dirichlet(alpha: float[K], key: Key) -> float[K] {
    let g[k] = _log_gamma(alpha[k], fold(key, k))
    out[k] = softmax[k](g[k])
}

## Normal with the given mean and covariance c c^T, c lower triangular (its Cholesky factor) or any other square matrix.
fn multivariate_normal(m: float[D], c: float[D, D], key: Key) -> float[D] {
    let z[j: D] ~ normal(0, 1, key: key)
    out[i] = m[i] + sum[j](c[i, j] * z[j])
}

## An order of 0, 1, .. n - 1, each equally likely.
fn permutation(n: int, key: Key) -> i64[n] where n >= 0 {
    let r[i: n] ~ integer(0, 4611686018427387904, key: key)
    let (_, at) = sort(r, axis: -1)
    at
}

## k different numbers of 0, 1, .. n - 1, in random order.
fn choice(n: int, k: int, key: Key) -> i64[k] where 0 <= k, k <= n {
    let p = permutation(n, key)
    p[:k]
}

## k different indices, one after the other in proportion to e^logit of those that are left (Kool et al. 2019, Gumbel-top-k); those of -inf
## come when no others are left.
fn weighted_choice(logits: float[N], k: int, key: Key) -> i64[k] where 0 <= k, k <= N {
    let g[i: N] ~ gumbel(0, 1, key: key)
    let (_, at) = topk(logits + g, k, axis: -1)
    at
}

## How often each index is drawn in n draws from p, probabilities or any weights that are not negative, one of them above 0: for one index
## after the other a binomial number of the draws that are left.
fn multinomial(n: int, p: float[K], key: Key) -> i64[K] where n >= 0 {
    check(n <= 0 or (all[k](p[k] >= 0 and p[k] < inf) and any[k](p[k] > 0)), "weights are numbers from 0 on, and one is above 0")
    rec rest[k] = f64(p[k]) + (rest[k + 1] ?? 0)
    var left: i64 = n
    var times: i64[K] = 0
    for k in 0..K {
        let c = binomial(left, if p[k] > 0 { f64(p[k]) / rest[k] } else { 0.0 }, fold(key, k))
        times[k] = c
        left -= c
    }
    times
}

## A random matrix with orthonormal columns (rows, if there are fewer), times `gain` (Saxe et al. 2014): Gram and Schmidt, twice.
fn orthogonal(rows: int, columns: int, key: Key; gain = 1.0) -> f32[rows, columns] {
    let (R, C) = (max(rows, columns), min(rows, columns))
    let a[i: C, j: R] ~ normal(0, 1, key: key)
    var q: f32[C, R] = 0
    for c in 0..C {
        var v = a[c]
        for _ in 0..2 {
            let along[k: C] = sum[j | k < c](q[k, j] * v[j])
            let rest[j] = v[j] - sum[k](along[k] * q[k, j])
            v = rest
        }
        q[c] = v / norm(v)
    }
    out[i, j] = gain * (if rows >= columns { q[min(j, C - 1), min(i, R - 1)] } else { q[min(i, C - 1), min(j, R - 1)] })
}
