# Ints that pass 2^63, and ints that do not although something near them would.
export fn square(n: int) -> int = n * n
export fn guarded(n: int) -> int = if -1000000 < n and n < 1000000 { n * n } else { 7 }
export fn cube(n: int, k: int) -> int = if k > 0 { n * n * n + k } else { 0 }
export fn negated(n: int) -> int = -n
export fn size(n: int) -> int = abs(n)
export fn cut(n: int, m: int) -> int = n // m + n % m
export fn next(n: int) -> int { return n + 1 }
export fn power(n: int, k: int) -> int = n ^ k
export fn tens(n: int) -> int {
    var s = 1
    for _ in 0..n { s = s * 10 }
    s
}
export fn counted(a: int, b: int) -> int = count[i: a..b](i % 2 == 0)
export fn places(n: int) -> int = sum[i: n](i)
export fn factorial(n: int) -> int = prod[i: n](i + 1)
export fn either(n: int, m: int, a: i64[N]) -> int = sum[i](if a[i] > 0 { n } else { m })
export fn shifted(x: f32[N], k: int) -> i64[N] { out[i] = if x[i] > 0 { i + k } else { 0 } }
export fn scaled(x: f32[N], k: int) -> i64[N] { out[i] = if x[i] > 0 { i * k } else { 0 } }
export fn window(x: f32[N], w: int) -> f32[N] { out[i] = sum[j | i - w <= j and j <= i](x[j]) }
export fn kept(x: f32[N], n: int) -> f32 = if n >= 1 and n * n < N { x[n] } else { 0 }
export fn squares(n: int) -> f32 = sum(map[i: n * n](1.0))
export fn wrapped(n: i64) -> i64 = n * n
