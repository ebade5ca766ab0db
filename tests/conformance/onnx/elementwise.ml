## Operators of numbers, element by element.

## Integers: towards zero.
@elementwise fn quotient(a: num, b: num) -> num {
    let q = a // b
    if q < 0 and q * b != a { q + 1 } else { q }
}

## The remainder with the sign of a.
@elementwise fn fmod(a: num, b: num) -> num {
    let r = abs(a) % abs(b)
    if a < 0 { -r } else { r }
}

@elementwise fn swish(x: float, alpha: real) -> float = x * sigmoid(alpha * x)

## Where x is not negative x, elsewhere y.
@elementwise fn if_negative(x: num, y: num) -> num = if x < 0 { y } else { x }

## alpha (exp(x / scale) - 1) below zero.
@elementwise fn elu_scaled(x: float, alpha: real, scale: real) -> float = if x > 0 { x } else { alpha * expm1(x / scale) }

@elementwise fn above(x: float, least: real) -> float = if x > least { x } else { 0.0 }
@elementwise fn shrink(x: float, most: real, bias: real) -> float = if x < -most { x + bias } else { if x > most { x - bias } else { 0.0 } }
@elementwise fn infinite(x: float, positive: bool, negative: bool) -> bool = x == inf and positive or x == -inf and negative
