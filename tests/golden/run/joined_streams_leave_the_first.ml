## Streams that stand side by side become one; the first of them may be none of these, for what may fault in it (a size that does not fit) is asked for there.
fn backward(q: f32[T, D], k: f32[S, D], v: f32[S, D], c: i32[S], w: int) -> f32[T, D] where S >= 1, D >= 1 {
    let s[i, j: S] = sum[d](silu(q[i, d]) * k[j, d])
    let p[i, j] = softmax[j | S + c[j] == w](s[i, j])
    let o[i, d] = sum[j](p[i, j] * v[j, d])
    let dp[i, j] = sum[d](q[i, d] * v[j, d])
    let ds[i, j] = p[i, j] * (dp[i, j] - sum[d](q[i, d] * o[i, d]))
    out[i, d] = sum[j](ds[i, j] * k[j, d])
}
fn whole(q: f32[T, D], k: f32[S, D], v: f32[S, D], c: i32[S], w: int) -> f32[T, D] where S >= 1, D >= 1 {
    let s[i, j: S] = sum[d](silu(q[i, d]) * k[j, d])
    let p[i, j] = if S + int(c[j]) == w { exp(s[i, j]) } else { 0.0 }
    let z[i] = sum[j](p[i, j])
    let o[i, d] = sum[j](p[i, j] * v[j, d]) / z[i]
    let dp[i, j] = sum[d](q[i, d] * v[j, d])
    out[i, d] = sum[j](p[i, j] / z[i] * (dp[i, j] - sum[d](q[i, d] * o[i, d])) * k[j, d])
}
let q[i: 21, d: 4] = f32((i * 7 + d * 3) % 11) / 8.0 - 0.5
let k[j: 37, d: 4] = f32((j * 5 + d) % 13) / 8.0 - 0.5
let v[j: 37, d: 4] = f32((j * 3 + d * 5) % 17) / 8.0
let c[j: 37] = i32(j % 3)
let a = backward(q, k, v, c, 38)
let b = whole(q, k, v, c, 38)
print(max(abs(a - b)) < 0.00001, max(abs(a)) > 0.1)
# > true true
