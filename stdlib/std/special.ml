## Special functions of numbers, beside those that are built in (erf, erfc, lgamma). In f64 within 1e-12 of the value, relatively,
## except close to zeros that are not at 0; the sources of the methods are named.

## x log y; 0 where x is 0, whatever y is, unless it is NaN.
@elementwise fn xlogy(x: float, y: float) -> float = if x == 0 and not isnan(y) { 0.0 } else { x * log(y) }
## x log(1 + y); 0 where x is 0, whatever y is, unless it is NaN.
@elementwise fn xlog1py(x: float, y: float) -> float = if x == 0 and not isnan(y) { 0.0 } else { x * log1p(y) }

## -x log x; 0 at 0, -inf below.
@elementwise fn entr(x: float) -> float = if x > 0 { -x * log(x) } else if x == 0 { 0.0 } else if x < 0 { -inf } else { x }

## log(e^a + e^b).
@elementwise fn logaddexp(a: float, b: float) -> float =
    if isfinite(a - b) { max(a, b) + log1p(exp(-abs(a - b))) } else { max(a, b) }

## The x with sigmoid(x) = p.
@elementwise fn logit(p: float) -> float = log(p / (1 - p))

## sin(pi x) / (pi x).
@elementwise fn sinc(x: float) -> float = if x == 0 { 1.0 } else { sin(pi * x) / (pi * x) }

## The distribution function of the standard normal distribution, and its logarithm (below -10 by the continued fraction of
## Mills' ratio).
@elementwise fn ndtr(x: float) -> float = 0.5 * erfc(-0.70710678118654752 * x)
## The logarithm of `ndtr`, also where that underflows.
@elementwise fn log_ndtr(x: float) -> float =
    if x > -1 { log1p(-0.5 * erfc(0.70710678118654752 * x)) }
    else if x > -10 { log(0.5 * erfc(-0.70710678118654752 * x)) }
    else { -0.5 * x * x - 0.91893853320467274 - log(_mills(-x)) }

## x + 1 / (x + 2 / (x + 3 / ...)), twelve levels: enough from 10 on.
fn _mills(x: float) -> float {
    var r = x
    for k in 0..12 { r = x + (12 - k) / r }
    r
}

## The x with erf(x) = y. Winitzki's start (2008), within 0.2 %, then two steps of Halley's method on erf or, in the tails, erfc.
@elementwise fn erfinv(y: float) -> float =
    if y == 0 { y } else if abs(y) >= 1 { if abs(y) > 1 { nan } else { y * inf } } else { sign(y) * _erfinv(abs(y)) }

fn _erfinv(y: float) -> float {
    let l = log1p(-y * y)
    let t = 4.3307467508 + 0.5 * l
    var x = sqrt(max(sqrt(t * t - l / 0.147) - t, 0))
    for _ in 0..2 {
        let miss = if y < 0.5 { erf(x) - y } else { (1 - y) - erfc(x) }
        let step = miss / (1.1283791670955126 * exp(-x * x))
        x = x - step / (1 + x * step)
    }
    x
}

## The derivative of lgamma: the asymptotic series (Abramowitz and Stegun 6.3.18) ten places further right, and the reflection
## formula for negative x. NaN at the poles below 0, -inf at 0, inf at inf.
@elementwise fn digamma(x: float) -> float =
    if x < 0 { if not x > floor(x) { nan } else { _digamma(1 - x) - pi / tan(pi * (x - round(x))) } } else { _digamma(x) }

fn _digamma(x: float) -> float {
    var s = 1 / x
    for k in 1..10 { s += 1 / (x + k) }
    let z = x + 10
    let u = 1 / (z * z)
    let tail = u * (1 / 12 - u * (1 / 120 - u * (1 / 252 - u * (1 / 240 - u * (1 / 132 - u * (691 / 32760 - u / 12))))))
    log(z) - 0.5 / z - tail - s
}

## Modified Bessel functions of order 0 and 1 and the same times e^-|x|: the power series up to 20, Hankel's expansion from there
## (Abramowitz and Stegun 9.6.10, 9.7.1).
@elementwise fn i0(x: float) -> float = if abs(x) < 20 { _bessel(x, 0) } else { _grown(abs(x), 0) }
## i0(x) e^-|x|.
@elementwise fn i0e(x: float) -> float = if abs(x) < 20 { exp(-abs(x)) * _bessel(x, 0) } else { _hankel(abs(x), 0) }
## The modified Bessel function of order 1.
@elementwise fn i1(x: float) -> float = if abs(x) < 20 { 0.5 * x * _bessel(x, 1) } else { sign(x) * _grown(abs(x), 1) }
## i1(x) e^-|x|.
@elementwise fn i1e(x: float) -> float =
    if abs(x) < 20 { 0.5 * x * exp(-abs(x)) * _bessel(x, 1) } else { sign(x) * _hankel(abs(x), 1) }

fn _bessel(x: float, order: int) -> float {
    let q = 0.25 * x * x
    var t = 0 * x + 1
    var s = t
    for k in 1..46 {
        t *= q / (k * (k + order))
        s += t
    }
    s
}

## e^x times the expansion; e^x alone may be too large.
fn _grown(x: float, order: int) -> float = if x == inf { x } else { exp(0.5 * x) * (exp(0.5 * x) * _hankel(x, order)) }

fn _hankel(x: float, order: int) -> float {
    let y = min(x, 1e30)                                # whose terms are 0
    var t = 0 * y + 1
    var s = t
    for k in 1..30 {
        t *= ((2 * k - 1) * (2 * k - 1) - 4 * order * order) / (8 * k * y)
        s += t
    }
    s / (2.5066282746310005 * sqrt(x))
}
