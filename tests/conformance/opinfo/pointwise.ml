## Functions of numbers, as PyTorch defines them where it differs from the language.

## a / b rounded down. By way of the remainder, so that the quotient of two floats is not rounded up to the next whole number first.
@elementwise fn div_floor(a: float, b: float) -> float = if b == 0 { a / b } else { round((a - a % b) / b) }

@elementwise fn hardswish(x: float) -> float = x * clip(x + 3, 0, 6) / 6
@elementwise fn mish(x: float) -> float = x * tanh(softplus(x))

## log(1 + exp(beta x)) / beta; x itself where beta x is above the threshold.
@elementwise fn softplus_above(x: float, beta: float, threshold: float) -> float =
    if beta * x > threshold { x } else { log1p(exp(beta * x)) / beta }

## Goes from a to b; from the side that is nearer, so that weight 1 gives b.
@elementwise fn lerp(a: float, b: float, weight: float) -> float =
    if abs(weight) < 0.5 { a + weight * (b - a) } else { b - (b - a) * (1 - weight) }

@elementwise fn elu_scaled(x: float, alpha: float) -> float = if x > 0 { x } else { alpha * expm1(x) }

## The first half of the last axis, each gated by its partner in the second half (Dauphin et al. 2016).
fn glu(x: float[.., 2 * D]) -> float[.., D] {
    x[.., :D] * sigmoid(x[.., D:])
}

@elementwise fn choose(condition: bool, a: float, b: float) -> float = if condition { a } else { b }

@elementwise fn hardshrink(x: float, most: float) -> float = if abs(x) > most { x } else { 0.0 }
@elementwise fn softshrink(x: float, most: float) -> float = sign(x) * max(abs(x) - most, 0)
@elementwise fn above(x: float, threshold: float, value: float) -> float = if x > threshold { x } else { value }

## sqrt(a^2 + b^2), with the larger one taken out so that no square overflows; infinite beside an infinity, even where the other is no number.
@elementwise fn hypot(a: float, b: float) -> float {
    let m = max(abs(a), abs(b))
    if abs(a) == inf or abs(b) == inf { inf } else { if m > 0 { m * sqrt((a / m) * (a / m) + (b / m) * (b / m)) } else { m } }
}
