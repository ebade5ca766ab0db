## Zero points leave products of bytes; whatever overflows goes round.
fn one(x: u8[M, K], w: i8[N, K], z: i32) -> i32[M, N] { out[i, j] = sum[k]((i32(x[i, k]) - z) * i32(w[j, k])) }
fn two(x: u8[M, K], w: i8[K, N], z: i32, y: i32[N]) -> i32[M, N] { out[i, j] = sum[k]((i32(x[i, k]) - z) * (i32(w[k, j]) + y[j])) }
fn fixed(x: i8[B, M, K], w: i8[B, K, N], y: i32[B]) -> i32[B, M, N] { out[b, i, j] = sum[k]((i32(x[b, i, k]) + 3) * (i32(w[b, k, j]) - y[b])) * 2 }
model Layer(K, N) {
    w: i8[N, K] = 3
    z: i32[N] = 5
    fn call(x: u8[M, K]) -> i32[M, N] { out[i, j] = sum[k]((i32(x[i, k]) - 128) * (i32(w[j, k]) - z[j])) }
}

## The same in 64 bits, cut to 32 at the end.
fn exact(x: i64[M, K], w: i64[N, K], z: i64, y: i64[N]) -> i64[M, N] { out[i, j] = sum[k]((x[i, k] - z) * (w[j, k] - y[j])) }
fn off(a: i32[M, N], b: i64[M, N]) -> i64 = count[i, j]((i64(a[i, j]) - b[i, j]) % 4294967296 != 0)
fn wrong(x: u8[M, K], w: i8[N, K], y: i32[N], z: i32) -> i64 {
    let v[k, j] = w[j, k]
    let none[j: N] = i64(0)
    let minus[j: N] = -i64(y[j])
    off(one(x, w, z), exact(i64(x), i64(w), i64(z), none)) + off(two(x, v, z, y), exact(i64(x), i64(w), i64(z), minus))
}
let x[i: 40, k: 68] = u8((i * 37 + k * 11) % 256)
let w[j: 35, k: 68] = i8((j * 29 + k * 53) % 256 - 128)
let y[j: 35] = i32(j * 7 - 50)
print(wrong(x, w, y, 128), wrong(x, w, y, -2147483647), wrong(x[:1], w, y, 7), wrong(x[:, :67], w[:, :67], y, 7), wrong(x[:3, :8], w[:9, :8], y[:9], 0))
# > 0 0 0 0 0
let p[b: 2, i: 20, k: 12] = i8((b + i * 37 + k * 11) % 256 - 128)
let q[b: 2, k: 12, j: 18] = i8((b + j * 29 + k * 53) % 256 - 128)
print(sum(fixed(p, q, [5, -9])), fixed(p, q, [5, -9])[1, 19, 17])
# > 397280 79380
let net = Layer(68, 35)
print(sum(net(x)))
# > 103040
