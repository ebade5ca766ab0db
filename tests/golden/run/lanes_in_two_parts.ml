# A last index that is divided runs as two: products of Kronecker, blocks beside one another, channels of groups, neighbours in rows.
fn kron(a: f32[I, J], b: f32[K, L]) -> f32[I * K, J * L] {
    out[m, n] = a[m // K, n // L] * b[m % K, n % L]
}
fn blocks(x: f32[B, G * K], w: f32[G, K, N]) -> f32[B, G * N] {
    out[b, m] = sum[k](x[b, m // N * K + k] * w[m // N, k, m % N])
}
fn centred(x: f32[R, G * C], m: f32[R, G]) -> f32[R, G * C] where C >= 1 {
    out[r, c] = x[r, c] - m[r, c // C]
}
fn neighbours(x: f32[H, W]) -> f32[9, H * W] {
    out[k, p] = x[p // W + k // 3 - 1, p % W + k % 3 - 1] ?? 0
}
fn number(i: int, j: int) -> f32 = f32((i * 7 + j * 3) % 11 - 5)
let a[i: 3, j: 5] = number(i, j)
let b[i: 4, j: 13] = number(j, i)
let w[i: 5, j: 4, k: 13] = number(i + j, k)
let x[i: 7, j: 20] = number(i, j)
let k = kron(a, b)
print(sum[m, n](abs(k[m, n] - a[m // 4, n // 13] * b[m % 4, n % 13])), k[11, 60:])
let y = blocks(x, w)
print(sum[r, m](abs(y[r, m] - sum[c](x[r, m // 13 * 4 + c] * w[m // 13, c, m % 13]))), y[6, 60:])
let z[r: 7, c: 65] = centred(y, x[:, :5])[r, c]
print(sum[r, c](abs(z[r, c] - (y[r, c] - x[r, c // 13]))), z[6, 60:])
let n = neighbours(b)
print(sum(n), n[0, 40:], n[8, :3])
# > 0.0 [-5.0, -1.0, 3.0, -4.0, -0.0]
# > 0.0 [-34.0, -16.0, 24.0, 9.0, -39.0]
# > 0.0 [-39.0, -21.0, 19.0, 4.0, -44.0]
# > 10.0 [1.0, -3.0, 4.0, ..., -2.0, 5.0, 1.0] [5.0, 1.0, -3.0]
