## Distributions beside those that are built in (uniform, normal, exponential, bernoulli, integer, kaiming_uniform, categorical), and random
## orders. Each is a function of a key, so it stands behind `~`, where every element gets a key of its own:
##
##     let x[b, d] ~ laplace(0, 1, key: k)
##
## or is called with a key. A key gives the same numbers wherever and whenever it is used; `fold(k, n)` makes a new one. Real numbers carry the
## 24 random bits of f32.
import std.special: erfinv

# ---- real numbers, by inversion of the distribution function

## Density e^(-|x - m| / s) / (2 s): mean m, variance 2 s^2.
fn laplace(m: float, s: float, key: Key) -> float {
    let u ~ uniform(-1, 1, key: key)
    m - s * sign(u) * log1p(-abs(u))
}

## Distribution function sigmoid((x - m) / s): mean m, variance (pi s)^2 / 3.
fn logistic(m: float, s: float, key: Key) -> float {
    let e ~ exponential(1, key: key)                # e^-e is uniform
    m - s * (e + log(-expm1(-e)))
}

## Density 1 / (pi s (1 + ((x - m) / s)^2)): median m, no mean.
fn cauchy(m: float, s: float, key: Key) -> float {
    let u ~ uniform(-0.5, 0.5, key: key)
    m + s * tan(pi * u)
}

## Distribution function exp(-e^(-(x - m) / s)): mean m + 0.5772 s, variance (pi s)^2 / 6. The largest of logits + gumbel(0, 1) is a draw from
## softmax(logits).
fn gumbel(m: float, s: float, key: Key) -> float {
    let e ~ exponential(1, key: key)
    m - s * log(e)
}

## e^x for x normal with mean m and standard deviation s.
fn lognormal(m: float, s: float, key: Key) -> float {
    let z ~ normal(0, 1, key: key)
    exp(m + s * z)
}

## Distribution function 1 - exp(-(x / scale)^shape) for x >= 0.
fn weibull(shape: float, scale: float, key: Key) -> float {
    let e ~ exponential(1, key: key)
    scale * e ^ (1 / shape)
}

## Distribution function 1 - (least / x)^shape for x >= least.
fn pareto(shape: float, least: float, key: Key) -> float {
    let e ~ exponential(1, key: key)
    least * exp(e / shape)
}

## Normal with mean m and standard deviation s, only between low and high (which are numbers of x, not of deviations).
fn truncated_normal(m: float, s: float, low: float, high: float, key: Key) -> float {
    check(low <= high, "a truncated normal distribution over an empty range")
    let a = erf((low - m) / (1.4142135623730951 * s))
    let b = erf((high - m) / (1.4142135623730951 * s))
    let u ~ uniform(0, 1, key: key)
    clip(m + 1.4142135623730951 * s * erfinv(a + u * (b - a)), low, high)
}

## -1 or 1, each with probability 1/2.
fn rademacher(key: Key) -> f32 {
    let b ~ bernoulli(0.5, key: key)
    if b { 1 } else { -1 }
}

# ---- by rejection: how many numbers one draw takes is random, the result still depends on the key alone

## Gamma distribution, mean shape * scale, variance shape * scale^2 (Marsaglia and Tsang 2000; below shape 1 by their power of a uniform number).
fn gamma(shape: float, scale: float, key: Key) -> float {
    check(shape > 0, "a gamma distribution needs a positive shape")
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
    let e ~ exponential(1, key: key)
    d * v * scale * (if shape < 1 { exp(-e / shape) } else { 1.0 })
}

## Sum of `n` squares of standard normal numbers; n may be any positive number.
fn chi_square(n: float, key: Key) -> float = gamma(0.5 * n, 2.0 + 0 * n, key)

## Mean a / (a + b), in [0, 1].
fn beta(a: float, b: float, key: Key) -> float {
    let x = gamma(a, 1 + 0 * a, fold(key, 0))
    let y = gamma(b, 1 + 0 * b, fold(key, 1))
    x / (x + y)
}

## Student's t with n degrees of freedom: variance n / (n - 2) for n > 2.
fn student(n: float, key: Key) -> float {
    let z ~ normal(0, 1, key: key)
    z * rsqrt(chi_square(n, fold(key, 0)) / n)
}

# ---- whole numbers

## The number of failures before the first success of probability p: mean (1 - p) / p.
fn geometric(p: float, key: Key) -> i64 {
    check(0 < p and p <= 1, "a probability of success is above 0")
    let e ~ exponential(1, key: key)
    if p >= 1 { 0 } else { i64(floor(-e / log1p(-p))) }
}

## Successes among n trials of probability p, one draw for each trial.
fn binomial(n: i64, p: float, key: Key) -> i64 {
    var k: i64 = 0
    for t in 0..n {
        let hit ~ bernoulli(p, key: fold(key, t))
        if hit { k += 1 }
    }
    k
}

## Events at a mean rate: one after the other below 12, else by transformed rejection (Hoermann 1993, PTRS).
fn poisson(rate: f64, key: Key) -> i64 {
    check(rate >= 0, "a rate is not negative")
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
                    and log(u[1] * (1.1239 + 1.1328 / (b - 3.4)) / (a / (s * s) + b)) <= y * log(rate) - rate - lgamma(y + 1)) { k = i64(y) }
        n += 1
    }
    k
}

# ---- vectors and orders

## Probabilities with mean alpha / sum alpha: gamma numbers divided by their sum.
fn dirichlet(alpha: float[K], key: Key) -> float[K] {
    let g[k] = gamma(alpha[k], 1 + 0 * alpha[k], fold(key, k))
    g / sum(g)
}

## Normal with the given mean and covariance c c^T, c lower triangular (its Cholesky factor) or any other square matrix.
fn multivariate_normal(m: float[D], c: float[D, D], key: Key) -> float[D] {
    let z[j: D] ~ normal(0, 1, key: key)
    out[i] = m[i] + sum[j](c[i, j] * z[j])
}

## An order of 0, 1, .. n - 1, each equally likely.
fn permutation(n: int, key: Key) -> i64[n] {
    let r[i: n] ~ integer(0, 4611686018427387904, key: key)
    let (_, at) = sort(r, axis: -1)
    at
}

## k different numbers of 0, 1, .. n - 1, in random order.
fn choice(n: int, k: int, key: Key) -> i64[k] where 0 <= k, k <= n {
    let p = permutation(n, key)
    p[:k]
}

## k different indices, one after the other in proportion to e^logit of those that are left (Kool et al. 2019, Gumbel-top-k).
fn weighted_choice(logits: float[N], k: int, key: Key) -> i64[k] where 0 <= k, k <= N {
    let g[i: N] ~ gumbel(0, 1, key: key)
    let (_, at) = topk(logits + g, k, axis: -1)
    at
}

## How often each index is drawn in n draws from p (probabilities or any weights that are not negative).
fn multinomial(n: int, p: float[K], key: Key) -> i64[K] {
    let at[i: n] ~ categorical[k](log(p[k]), key: key)
    out[k] = count[i](at[i] == k)
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
