# Products of three factors and more cost what two cost, and sums over several indices are sums of sums where that costs less.
export fn scaled(a: f32[I, K], b: f32[J, K], c: f32[K]) -> f32[I, J] { out[i, j] = sum[k](a[i, k] * b[j, k] * c[k]) }
# > scaled (factors.ml:2:1)
# >       loops: contract[k: K] (sum)
# >       2 * I * K * J + I * K operations, reads 4 * I * K + 4 * K * J + 4 * K bytes, writes 4 * I * J bytes
export fn divided(a: f32[I, K], b: f32[J, K]) -> f32[I, J] { out[i, j] = sum[k](a[i, k] * b[j, k] / sqrt(K)) }
# > divided (factors.ml:6:1)
# >       2 * I * K * J + I * K + 1 operations, reads 4 * I * K + 4 * K * J bytes, writes 4 * I * J bytes
export fn tensor(x: f32[I, J, K], b: f32[J, R], c: f32[K, R]) -> f32[I, R] { out[i, r] = sum[j, k](x[i, j, k] * b[j, r] * c[k, r]) }
# > tensor (factors.ml:9:1)
# >       2 * I * J * K * R + J * K * R operations, reads 4 * I * J * K + 4 * J * R + 4 * K * R bytes, writes 4 * I * R bytes
export fn pairs(x: f32[M, D], w: f32[D, E], y: f32[N, E]) -> f32[M, N] { out[m, n] = sum[d, e](x[m, d] * w[d, e] * y[n, e]) }
# > pairs (factors.ml:12:1)
# >       2 * M * D * E operations, reads 4 * M * D + 4 * D * E bytes, writes 4 * M * E bytes
# >       2 * M * E * N operations, reads 4 * M * E + 4 * E * N bytes, writes 4 * M * N bytes
export fn linear(q: f32[H, T, D], k: f32[H, T, D], v: f32[H, T, E]) -> f32[H, T, E] { out[h, i, e] = sum[j, d | j <= i](q[h, i, d] * k[h, j, d] * v[h, j, e]) }
# > linear (factors.ml:16:1)
# >       loops: stream[j: T within bounds] (sum)

# A guard over an index that would be added up first keeps the sum as it is; so does a product that is two groups as it is written.
export fn tied(x: f32[M, D], w: f32[D, E], y: f32[N, E]) -> f32[M, N] { out[m, n] = sum[d, e | e <= d](x[m, d] * w[d, e] * y[n, e]) }
# > tied (factors.ml:21:1)
# >       loops: contract[d: D, e: E within bounds] (sum)
export fn written(x: f32[I, K], a: f32[K], w: f32[J, K], b: f32[J, K]) -> f32[I, J] { out[i, j] = sum[k]((b[j, k] * w[j, k]) * (x[i, k] * a[k])) }
# > written (factors.ml:24:1)
# >       loops: contract[k: K] (sum)

# A factor of elementary functions for lanes is taken once for the rows that share it.
export fn cosines(x: f32[B, N]) -> f32[B, N] where N >= 1 { out[b, k] = sum[n](x[b, n] * cos(3.14159 / f32(N) * (f32(n) + 0.5) * f32(k))) }
# > cosines (factors.ml:29:1)
# >       2 * B * N ^ 2 + 2 * N ^ 2 + 2 * N + 1 operations, reads 4 * B * N bytes, writes 4 * B * N bytes

# A sum of terms is a sum of each, where one is a contraction and the others are contractions or lack an index.
export fn complex(ar: f32[M, K], ai: f32[M, K], br: f32[K, N], bi: f32[K, N]) -> f32[M, N] { out[i, j] = sum[k](ar[i, k] * br[k, j] - ai[i, k] * bi[k, j]) }
# > complex (factors.ml:34:1)
# >       loops: contract[k: K] (sum)
# >       loops: contract[k: K] (sum)
export fn expanded(x: f32[M, D], y: f32[N, D]) -> f32[M, N] { out[i, j] = sum[d](x[i, d] ^ 2 - 2 * x[i, d] * y[j, d] + y[j, d] ^ 2) }
# > expanded (factors.ml:38:1)
# >       loops: lanes[d: D] (sum), then contract[d: D] (sum)

# A sum up to an index that its terms do not need is a running one: as many steps as places, not the square of it.
export fn state(q: f32[T, D], k: f32[T, D], v: f32[T, E]) -> f32[T, E] {
    let s[i: T, d, e] = sum[j: T | j <= i](k[j, d] * v[j, e])
    out[i, e] = sum[d](q[i, d] * s[i, d, e])
}
# > state (factors.ml:43:1)
# >       2 * D * E operations, reads 4 * D * E + 4 * D + 4 * E bytes, writes 4 * D * E bytes in each turn of a loop, of which there are T
