## What every program sees without an import: operators and activations in the language itself. A program may declare its own
## under the same name. `@elementwise` functions of numbers also take tensors, and are written out where they are used.

## The sum divided by the number of elements; 0 of none.
op mean[j](x: float) -> float = sum[j](x) / max(count[j](true), 1)

## The mean of the squared distances from the mean; divides by the number of elements.
op variance[j](x: float) -> float {
    let m = mean[j](x)
    mean[j]((x - m) * (x - m))
}

## log(sum of e^x), computed from the largest x; -inf over nothing.
op logsumexp[j](x: float) -> float {
    let m = max[j](x)
    if m == -inf or m == inf { m } else { m + log(sum[j](exp(x - m))) }
}

## e^x divided by its sum over the set (Bridle 1990); absent outside of the guard.
op softmax[j](x: float) -> float[j] {
    let e = exp(x - max[j](x))
    e / sum[j](e)
}

## The logarithm of softmax; -inf outside of the guard.
op log_softmax[j](x: float) -> float[j] else -inf {
    let d = x - max[j](x)
    d - log(sum[j](exp(d)))
}

## Euclidean length.
op norm[j](x: float) -> float = sqrt(sum[j](x * x))

## max(x, 0) (Fukushima 1969).
@elementwise fn relu(x: float) -> float = if x <= 0 { 0.0 } else { x }
## x sigmoid(x) (Elfwing et al. 2018), also called swish.
@elementwise fn silu(x: float) -> float = x * sigmoid(x)
## x times the normal distribution function of x (Hendrycks and Gimpel 2016), accurate for large negative x.
@elementwise fn gelu(x: float) -> float = 0.5 * x * erfc(-0.70710678118654752 * x)
## Its approximation by tanh, written with sigmoid: x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)).
@elementwise fn gelu_tanh(x: float) -> float = x * sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x))
## e^x - 1 below 0 (Clevert et al. 2016).
@elementwise fn elu(x: float) -> float = if x > 0 { x } else { expm1(x) }
## elu, scaled so that mean 0 and variance 1 stay (Klambauer et al. 2017).
@elementwise fn selu(x: float) -> float = 1.0507009873554805 * (if x > 0 { x } else { 1.6732632423543773 * expm1(x) })
## slope x below 0 (Maas et al. 2013).
@elementwise fn leaky_relu(x: float, slope: float) -> float = if x > 0 { x } else { slope * x }
## log(1 + e^x) (Dugas et al. 2001), without overflow.
@elementwise fn softplus(x: float) -> float = max(x, 0) + log1p(exp(-abs(x)))
## log(1 / (1 + e^-x)), without overflow.
@elementwise fn log_sigmoid(x: float) -> float = min(x, 0) - log1p(exp(-abs(x)))
## x / (1 + |x|) (Turian et al. 2009).
@elementwise fn softsign(x: float) -> float = x / (1 + abs(x))
## x, at least -1 and at most 1.
@elementwise fn hardtanh(x: float) -> float = clip(x, -1, 1)

## log(1 - e^x) for x < 0 (Maechler 2012).
@elementwise fn log1mexp(x: float) -> float =
    if x > -0.69314718055994531 { log(-expm1(x)) } else { log1p(-exp(x)) }
