## A logarithm of a number that indices make, in a tensor that is stored: it differs from point to point, and stays in the kernel.
fn bucket(d: int) -> int {
    let n = max(-d, 0)
    let far = 16 + int(log(f32(n) / 16.0 + 1e-9) / log(8.0) * 16.0)
    if n < 16 { n } else { min(far, 31) }
}
fn sums(q: f32[H, T, D], k: f32[H, S, D], l: f32[H, T]) -> f32[H, 32] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let e[h, i, j] = exp(s[h, i, j] - l[h, i])
    let hot[i: T, j: S, b: 32] = f32(bucket(2 * j - i) == b)
    out[h, b] = sum[i, j](e[h, i, j] * hot[i, j, b])
}

let q[h: 2, i: 25, d: 3] = f32(i - d + h) / 32.0
let k[h: 2, j: 4, d: 3] = f32(j + d) / 8.0
let l[h: 2, i: 25] = 0.5
let y = sums(q, k, l)
let e[h, i, j] = exp(sum[d](q[h, i, d] * k[h, j, d]) - l[h, i])
let none[h] = sum[i, j | i <= 2 * j](e[h, i, j])
let far[h] = sum[i, j | i - 2 * j >= 16](e[h, i, j])
print(max[h](abs(y[h, 0] - none[h])) < 1e-4, max[h](abs(sum[b: 32 | b >= 16](y[h, b]) - far[h])) < 1e-4, y[0, 31], far[0] > 1.0)
# > true true 0.0 true
