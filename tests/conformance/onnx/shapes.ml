## Operators that move elements.

@elementwise fn wrap(i: i64, n: int) -> i64 = if i < 0 { i + n } else { i }

## j outside 0..n mirrored at the first and last place.
@elementwise fn mirror(j: int, n: int) -> int {
    let m = j % (2 * n - 2)
    if m < n { m } else { 2 * n - 2 - m }
}
