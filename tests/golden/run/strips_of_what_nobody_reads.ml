# A sum of columns of what is stored for rows, which nobody reads, is no result of the strips.
fn rows(b: f32[K, M], c: f32[K], n: i32[K]) -> f32[K] {
    let t[i: K, j: K] = sum[k: M | k >= i // 2](c[i] * (c[j + 2] ?? 0.5))
    let y[i: K] = rsqrt(mean[j: K](t[i, j] ^ 2) + 0.25)
    let _u[m: M] = sum[k: K](t[k, clip(n[k], 0, K - 1)] * b[k, m])
    y
}
fn told(K: int, M: int) -> f32 {
    let b[k: K, m: M] = f32((k * 7 + m * 5) % 11) / 16
    let c[k: K] = f32(k % 5) / 8
    let n[k: K] = i32(k * 3 - 4)
    sum(rows(b, c, n))
}
print(told(1, 1), told(5, 9), told(70, 40), told(300, 7))
# > 2.0 5.756 63.1 596.1
