# Weights at rows that a table tells: of one, of two, mixed, summed over the rows, repeated; what a row that is none does.
fn wave(a: int, b: int) -> f32 = sin(f32(a * 7 + b * 13) / 5)
fn chosen(q: f32[T, D], k: f32[S, D], v: f32[S, D], at: i64[N]) -> f32[N, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j | j <= i](s[i, j])
    out[n, d] = sum[j](p[at[n], j] * v[j, d])
}
fn both(q: f32[T, D], k: f32[S, D], v: f32[S, D], at: i64[N], with: i64[N]) -> f32[N, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j](s[i, j])
    out[n, d] = sum[j](p[at[n], j] * p[with[n], j] * v[j, d])
}
fn mixed(q: f32[T, D], k: f32[S, D], v: f32[S, D], w: f32[A], at: i64[N, A]) -> f32[N, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j](s[i, j])
    let c[n, j] = sum[a](w[a] * p[at[n, a], j])
    out[n, d] = sum[j](c[n, j] * v[j, d])
}
fn backward(q: f32[T, D], k: f32[S, D], g: f32[N, D], at: i64[N]) -> f32[S, D] {
    let p[i, j] = softmax[j](sum[d](q[i, d] * k[j, d]))
    out[j, d] = sum[n](p[at[n], j] * g[n, d])
}
fn repeated(q: f32[T, D], k: f32[S, D], v: f32[S, D]) -> f32[2 * T, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[n: 2 * T, j] = softmax[j](s[n // 2, j])
    out[n, d] = sum[j](p[n, j] * v[j, d])
}
fn mutual(x: f32[T, D], y: f32[S, D]) -> bool[T] where S >= 1 {
    let s[i, j] = sum[d](x[i, d] * y[j, d])
    let a[i] = argmax[j](s[i, j])
    let b[j] = argmax[i](s[i, j])
    out[i] = b[a[i]] == i
}
let q[i: 70, d: 4] = wave(i, d)
let k[j: 90, d: 4] = wave(j + 3, 2 * d)
let v[j: 90, d: 4] = wave(d, j)
let at[n: 33] = n * 29 % 70
let with[n: 33] = n * n % 70
print(chosen(q, k, v, at)[32], sum(chosen(q, k, v, at)))
print(both(q, k, v, at, with)[32], sum(both(q, k, v, at, with)))
let w[a: 3] = 0.5 + f32(a)
let rows[n: 33, a: 3] = (n * 5 + a * 31) % 70
print(mixed(q, k, v, w, rows)[32], sum(mixed(q, k, v, w, rows)))
print(backward(q, k, v[:33], at)[89], sum(backward(q, k, v[:33], at)))
print(repeated(q, k, v)[139], sum(repeated(q, k, v)))
print(count[i](mutual(q, k)[i]))
let none[n: 33] = if n == 20 { 70 } else { at[n] }
print(len(chosen(q, k, v, none)))
# > [0.04298, -0.008867, -0.046, -0.006769] 0.5736
# > [-6.941e-05, 7.864e-05, 9.614e-05, -4.594e-05] 0.001405
# > [-0.02203, 0.03382, 0.03353, -0.02242] 0.6433
# > [0.0154, -0.008765, -0.01838, 0.002518] 0.1327
# > [-0.004246, 0.00389, 0.005568, -0.001996] 0.5633
# > 5
# status: 1
# stderr: streams_at_rows_of_a_table.ml:6:26: error[E0701]: subscript 70 is outside an axis of size 70
