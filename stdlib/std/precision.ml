## Small floating-point types as bit patterns, and dynamic loss scaling. A type has E bits of exponent (bias 2^(E-1) - 1) and M of mantissa below
## a sign. `ieee` types keep the last exponent for infinities and NaN (f16: 5 10, bf16: 8 7, float8 e5m2: 5 2); the others have no infinity,
## and only the pattern of all ones is NaN (float8 e4m3fn: 4 3).

## The value of each pattern; of a wider one only the low 1 + E + M bits count.
fn from_bits(bits: i64[N], E: int, M: int, ieee: bool) -> f64[N] where E >= 2, M >= 1 {
    let bias = 2 ^ (E - 1) - 1
    let f[n] = bits[n] % 2 ^ M
    let e[n] = shift_right(bits[n], M) % 2 ^ E
    let s[n]: f64 = if shift_right(bits[n], E + M) % 2 == 1 { -1.0 } else { 1.0 }
    let unit[n]: f64 = f64(2) ^ (max(e[n], 1) - bias - M)
    out[n] = if e[n] == 2 ^ E - 1 and (if ieee { f[n] > 0 } else { f[n] == 2 ^ M - 1 }) { f64(inf - inf) }
             else if ieee and e[n] == 2 ^ E - 1 { s[n] * inf }
             else { s[n] * unit[n] * (f[n] + (if e[n] > 0 { 2 ^ M } else { 0 })) }
}

## The pattern nearest to each value, ties to even. Beyond the largest: infinity (`ieee`) or NaN; the largest if `saturate`.
fn to_bits(x: f64[N], E: int, M: int, ieee: bool, saturate: bool) -> i64[N] where E >= 2, M >= 1 {
    let bias = 2 ^ (E - 1) - 1
    let nan = if ieee { (2 ^ E - 1) * 2 ^ M + 2 ^ (M - 1) } else { 2 ^ (E + M) - 1 }
    let top = if ieee { (2 ^ E - 1) * 2 ^ M - 1 } else { 2 ^ (E + M) - 2 }
    let over = if saturate { top } else if ieee { top + 1 } else { nan }
    let a[n] = min(abs(x[n]), f64(2) ^ (bias + 4))
    let guess[n] = if a[n] > 0 { int(floor(log(a[n]) / log(f64(2)))) } else { -bias }
    let less[n] = if f64(2) ^ guess[n] > a[n] { guess[n] - 1 } else { guess[n] }
    let power[n] = if f64(2) ^ (less[n] + 1) <= a[n] { less[n] + 1 } else { less[n] }
    let e[n] = max(power[n], 1 - bias)
    let code[n] = (e[n] + bias - 1) * 2 ^ M + int(round(a[n] * f64(2) ^ (M - e[n])))
    let sign[n] = if x[n] < 0 or 1 / x[n] < 0 { 2 ^ (E + M) } else { 0 }
    out[n] = if isnan(x[n]) { nan } else if code[n] > top { sign[n] + over } else { sign[n] + code[n] }
}

## One decision of a dynamic loss scale (Micikevicius et al. 2018): a bad step multiplies it by `backoff` and starts the count anew, `interval`
## good ones in a row by `growth`. Returns the scale and the count.
fn next_scale(scale: f64, good: int, bad: bool, growth: real, backoff: real, interval: int) -> (f64, int) {
    let grown = good + 1 >= interval
    (if bad { scale * backoff } else if grown { scale * growth } else { scale }, if bad or grown { 0 } else { good + 1 })
}
