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

fn choose(c: bool[..], x: num[..], y: num[..]) -> num[..] {
    out[..] = if c[..] { x[..] } else { y[..] }
}
