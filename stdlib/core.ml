## What every program sees without an import: operators and activations in the language itself. A program may declare its own
## under the same name. `@elementwise` functions of numbers also take tensors, and are written out where they are used.

op mean[j](x: float) -> float {
    let n = count[j](true)
    if n == 0 { 0.0 } else { sum[j](x) / n }
}

## The mean of the squared distances from the mean; divides by the number of elements.
op variance[j](x: float) -> float {
    let m = mean[j](x)
    mean[j]((x - m) * (x - m))
}

op logsumexp[j](x: float) -> float {
    let m = max[j](x)
    if m == -inf or m == inf { m } else { m + log(sum[j](exp(x - m))) }
}

op softmax[j](x: float) -> float[j] {
    let e = exp(x - max[j](x))
    e / sum[j](e)
}

op log_softmax[j](x: float) -> float[j] else -inf {
    let d = x - max[j](x)
    d - log(sum[j](exp(d)))
}

## Euclidean length.
op norm[j](x: float) -> float = sqrt(sum[j](x * x))

@elementwise fn relu(x: float) -> float = if x <= 0 { 0.0 } else { x }
@elementwise fn silu(x: float) -> float = x * sigmoid(x)
@elementwise fn gelu(x: float) -> float = 0.5 * x * erfc(-0.70710678118654752 * x)
@elementwise fn gelu_tanh(x: float) -> float = x * sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x))
@elementwise fn elu(x: float) -> float = if x > 0 { x } else { expm1(x) }
@elementwise fn selu(x: float) -> float = 1.0507009873554805 * (if x > 0 { x } else { 1.6732632423543773 * expm1(x) })
@elementwise fn leaky_relu(x: float, slope: float) -> float = if x > 0 { x } else { slope * x }
@elementwise fn softplus(x: float) -> float = max(x, 0) + log1p(exp(-abs(x)))
@elementwise fn log_sigmoid(x: float) -> float = min(x, 0) - log1p(exp(-abs(x)))
@elementwise fn softsign(x: float) -> float = x / (1 + abs(x))
@elementwise fn hardtanh(x: float) -> float = clip(x, -1, 1)

## log(1 - e^x) for x < 0 (Maechler 2012).
@elementwise fn log1mexp(x: float) -> float =
    if x > -0.69314718055994531 { log(-expm1(x)) } else { log1p(-exp(x)) }
