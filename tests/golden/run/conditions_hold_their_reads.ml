## What an `if` or a guard makes safe stays under it: a sum inside of a recurrence is not computed for the places where the subscript is outside.
fn f(a: f32[M, N], s: f32[K]) -> f32[K, N] {
    rec h[t: K, n: N] = 0.5 * (h[t - 1, n] ?? s[t]) + (if n <= 1 { 1 } else { sum[m](a[m, n - 2]) })
    h
}
let a = [[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]
print(f(a, [2.0, 4.0]))
# > [[2.0, 2.0, 12.0],
# >  [2.0, 2.0, 17.0]]
fn g(a: f32[M, N]) -> f32[N] {
    out[i] = if i >= 1 { logsumexp[m](a[m, i - 1]) * 0 + max[m](a[m, i - 1]) } else { -1 }
}
fn h(a: f32[M, N]) -> f32[M] {
    out[m] = sum[n | n >= 2](mean[k: M](a[k, n - 2]) * a[m, n])
}
print(g(a), h(a))
# > [-1.0, 10.0, 20.0] [16.5, 165.0]
fn r(a: f32[M, N], s: f32[K]) -> f32[K, N] {
    rec h[t: K, n: N] = 0.5 * (h[t - 1, n] ?? s[t]) + (if n <= 1 { 1 } else { sum[m: M](a[m - 1, n - 2] ?? -1) })
    h
}
print(r(a, [2.0, 4.0]))
# > [[2.0, 2.0, 1.0],
# >  [2.0, 2.0, 0.5]]
