## Products of 8- and 16-bit integers are added in 32 bits, two at a time where the CPU can: sums wrap, and an odd place is left over.
fn eight(a: i8[M, K], b: i8[N, K]) -> i32[M, N] {
    out[i, j] = sum[k](i32(a[i, k]) * i32(b[j, k]))
}
fn mixed(a: i8[M, K], b: u8[K, N]) -> i32[M, N] {
    out[i, j] = sum[k](i32(a[i, k]) * i32(b[k, j]))
}
fn sixteen(a: i16[M, K], b: i16[K, N]) -> i32[M, N] {
    out[i, j] = sum[k](i32(a[i, k]) * i32(b[k, j]))
}
## The same sum in 64 bits: what differs, beyond what 32 bits leave out.
fn differing(got: i32[M, N], a: i64[M, K], b: i64[K, N]) -> int {
    count[i, j]((sum[k](a[i, k] * b[k, j]) - i64(got[i, j])) % 4294967296 != 0)
}
fn products(m: int, k: int, n: int) {
    let a[i: m, j: k] = i16((i * 7919 + j * 31) * 997 % 65536 - 32768)
    let b[i: k, j: n] = i16((j * 7907 + i * 37) * 991 % 65536 - 32768)
    let a8[i: m, j: k] = i8((i * 7919 + j * 31) * 997 % 256 - 128)
    let b8[i: n, j: k] = i8((j * 7907 + i * 37) * 991 % 256 - 128)
    let bytes[i: k, j: n] = u8((i * 7907 + j * 37) * 991 % 256)
    print(differing(eight(a8, b8), i64(a8), i64(b8.T)), differing(mixed(a8, bytes), i64(a8), i64(bytes)), differing(sixteen(a, b), i64(a), i64(b)))
}
products(1, 1, 1)
products(3, 7, 5)
products(9, 33, 37)
products(1, 51, 70)
# > 0 0 0
# > 0 0 0
# > 0 0 0
# > 0 0 0
let least[i: 4, j: 16] = i16(-32768)
print(sixteen(least, least.T)[0, 0], eight(i8(least // 256), i8(least // 256))[3, 3])
# > 0 262144
