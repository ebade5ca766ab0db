# What is counted within the guard of sums beside it (a number of alike rows) is counted in their pass; without their guard in it, too.
fn alike(z: f32[N, D], y: i32[N]) -> f32[N] {
    let s[i, j] = sum[d](z[i, d] * z[j, d]) / 0.1
    let l[i] = logsumexp[j | j != i](s[i, j])
    let n[i] = count[j](y[j] == y[i] and j != i)
    out[i] = sum[j | y[j] == y[i] and j != i](s[i, j] - l[i]) / max(n[i], 1)
}
fn some(z: f32[N, D], y: i32[N]) -> (f32[N], i64[N], i64[N]) {
    let s[i, j] = sum[d](z[i, d] * z[j, d])
    let m[i] = max[j | j < i](s[i, j])
    let n[i] = count[j](s[i, j] > 0 and j < i)
    let k[i] = count[j](y[j] == y[i])
    let t[i] = sum[j | j < i](exp(s[i, j] - m[i]))
    let r[i] = if any[j](y[j] == 2 and j < i) { t[i] } else { -t[i] }
    (r, n, k)
}

let z[n: 300, d: 4] = f32(sin(1.7 * n + 0.9 * d + 0.03 * n * d))
let y[n: 300] = i32(n * n % 5)
print(alike(z, y), sum(alike(z, y)))
print(alike(z[:1], y[:1]), some(z[:1], y[:1]))
print(some(z, y))
# > [-22.75, -25.25, -21.19, ..., -15.66, -36.21, -16.28] -7214.0
# > [0.0] ([-0.0], [0], [1])
# > ([-0.0, -1.0, -1.314, ..., -100.6, -23.53, -86.44], [0, 0, 0, ..., 151, 148, 148], [60, 120, 120, ..., 120, 120, 120])
