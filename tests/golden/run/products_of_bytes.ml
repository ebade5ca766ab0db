# Sums of products of bytes are exact for any number of places, rows and lanes, signed and not, of a weight in a model and of two tensors. What they are
# compared with adds i64, which no instruction for bytes does.
import std.quant: int8_rows, int8_linear, int8_blocks, int8_blocks_linear
fn signed(N: int, K: int, s: int) -> i8[N, K] { out[n, k] = i8(if k % 5 == 0 { -128 } else { (n * 37 + k * 101 + s) % 256 - 128 }) }
fn unsigned(N: int, K: int, s: int) -> u8[N, K] { out[n, k] = u8(if k % 5 == 0 { 255 } else { (n * 37 + k * 101 + s) % 256 }) }
model Signed(N, K) {
    param w: i8[N, K] = signed(N, K, 3)
}
model Unsigned(N, K) {
    param w: u8[N, K] = unsigned(N, K, 4)
}
model Turned(K, N) {
    param w: i8[K, N] = signed(K, N, 5)
    fn row(k: int) -> i8[N] { out[n] = w[k, n] }      # read as it is, too
}
fn ss(a: i8[M, K], b: i8[N, K]) -> i32[M, N] { out[m, n] = sum[k](i32(a[m, k]) * i32(b[n, k])) }
fn us(a: u8[M, K], b: i8[N, K]) -> i32[M, N] { out[m, n] = sum[k](i32(a[m, k]) * i32(b[n, k])) }
fn su(a: i8[M, K], b: u8[N, K]) -> i32[M, N] { out[m, n] = sum[k](i32(b[n, k]) * i32(a[m, k])) }
fn uu(a: u8[M, K], b: u8[N, K]) -> i32[M, N] { out[m, n] = sum[k](i32(a[m, k]) * i32(b[n, k])) }
fn turned(a: i8[M, K], b: i8[K, N]) -> i32[M, N] { out[m, n] = sum[k](i32(a[m, k]) * i32(b[k, n])) }
fn wide(a: i64[M, K], b: i64[N, K]) -> i64[M, N] { out[m, n] = sum[k](a[m, k] * b[n, k]) }
fn same(a: i32[M, N], b: i64[M, N]) -> bool = all[m, n](i64(a[m, n]) == b[m, n])
fn right(m: int, n: int, k: int) -> bool {
    let a = signed(m, k, 1)
    let b = unsigned(m, k, 2)
    let s = Signed(n, k)
    let u = Unsigned(n, k)
    let t = Turned(k, n)
    let alone = same(ss(a, s.w), wide(i64(a), i64(s.w))) and same(us(b, s.w), wide(i64(b), i64(s.w)))
    let both = same(su(a, u.w), wide(i64(a), i64(u.w))) and same(uu(b, u.w), wide(i64(b), i64(u.w)))
    let last = same(turned(a, t.w), wide(i64(a), i64(t.w.T))) and all[j](t.row(k - 1)[j] == signed(k, n, 5)[k - 1, j])
    alone and both and last
}
print(right(1, 5, 7), right(11, 33, 130))
# > true true

let net = Signed(40, 68)
let x = signed(20, 68, 9)
print(same(ss(x, net.w), wide(i64(x), i64(net.w))), same(us(unsigned(11, 68, 9), net.w), wide(i64(unsigned(11, 68, 9)), i64(net.w))))
print(sum[n, k](i64(net.w[n, k])) == sum[n, k](i64(signed(40, 68, 3)[n, k])))
# > true true
# > true

# Many rows of two tensors: one of them is packed first, where K is a multiple of 4.
fn two(m: int, n: int, k: int) -> bool {
    let a = signed(m, k, 1)
    let b = unsigned(n, k, 2)
    let c = signed(k, n, 3)
    same(su(a, b), wide(i64(a), i64(b))) and same(turned(a, c), wide(i64(a), i64(c.T)))
}
print(two(20, 40, 68), two(16, 33, 66), two(33, 31, 4))
# > true true true

# Whole numbers all through, with one number for a row.
fn small(M: int, K: int) -> f32[M, K] { out[m, k] = f32((m * 5 + k * 3) % 17 - 8) / 4 }
let (q, scale) = int8_rows(small(20, 24))
let y = int8_linear(small(7, 24), q, scale)
let exact = small(7, 24) @ small(20, 24).T
print(max[m, n](abs(y[m, n] - exact[m, n])) < 0.5, max[m, n](abs(exact[m, n])) > 10)
# > true true
fn pieces(M: int, B: int) -> f32[M, B, 8] = reshape(small(M, B * 8), M, B, 8)
fn numbers(N: int, B: int) -> i8[N, B, 8] {
    let (q, _s) = int8_blocks(pieces(N, B))
    q
}
fn scales(N: int, B: int) -> f32[N, B] {
    let (_q, s) = int8_blocks(pieces(N, B))
    s
}
model Blocks(N, B) {
    param q: i8[N, B, 8] = numbers(N, B)
    param scale: f32[N, B] = scales(N, B)
    fn call(x: f32[M, B, 8]) -> f32[M, N] = int8_blocks_linear(x, q, scale)
}
let z = Blocks(20, 3)(pieces(7, 3))
let again = int8_blocks_linear(pieces(7, 3), numbers(20, 3), scales(20, 3))
print(max[m, n](abs(z[m, n] - exact[m, n])) < 0.25, max[m, n](abs(z[m, n] - again[m, n])) <= 0)
# > true true
