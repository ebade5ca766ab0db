## The smallest int, and numbers above 2^63 - 1, which are u64: written, compared with ints, and cast to floats.
let least = -9223372036854775808
print(least, least + 1, [least, 1])
# > -9223372036854775808 -9223372036854775807 [-9223372036854775808, 1]
let most: u64 = 18446744073709551615
print(most, most % 10, most // 2, 0x8000_0000_0000_0000, [18446744073709551615, 1])
# > 18446744073709551615 5 9223372036854775807 9223372036854775808 [18446744073709551615, 1]

fn above_five(x: u64) -> bool = x > 5
fn narrow(x: u64) -> f32 = f32(x)
fn wide(x: u64) -> f64 = f64(x)
print(above_five(18446744073709551615), narrow(18446744073709551615), wide(18446744073709551615), f64(u64(-1)))
# > true 1.845e+19 1.845e+19 1.845e+19
print(most > 5, most == -1, 5 < most, -1 < most, most != -1, most >= 9223372036854775808, u64(-1) > 5)
# > true false true true true true true

fn above(x: u64[N], k: int) -> i64 = sum[n | x[n] > k](1)
fn equal(x: u64[N], k: int) -> i64 = sum[n | x[n] == k](1)
let t: u64[3] = [0, 9223372036854775808, 18446744073709551615]
print(above(t, -1), above(t, 0), above(t, 9223372036854775807), equal(t, -1), equal(t, 0))
# > 3 2 2 0 1
print(count[i](t[i] != 2 * i - 1), count[i](2 * i - 1 >= t[i]), count[i](t[i] <= 2 * i))
# > 3 0 1

fn hash(x: i32[N]) -> u64 {
    var h = 0xcbf29ce484222325
    for n in 0..N { h = bit_xor(h, u64(x[n])) * 0x100000001b3 }
    h
}
print(hash([1, 2, 3]))
# > 15035938162879559083
