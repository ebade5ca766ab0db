## Margins: each score is compared with that of the row's label, or with the diagonal; losses, and gradients of rows and of words by hand.
## In those of words the label's score is a number of each place of the sum.
fn margin(x: f32[T, D], w: f32[V, D], y: i32[T]) -> f32 where T >= 1, V >= 1 {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    mean[t](sum[v | v != y[t]](max(0.0, 1.0 + z[t, v] - z[t, y[t]])))
}
fn of_words(x: f32[T, D], w: f32[V, D], y: i32[T]) -> f32[V, D] where T >= 1, V >= 1 {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    let c[t, v] = if v != y[t] and 1.0 + z[t, v] - z[t, y[t]] > 0 { 1.0 } else { 0.0 }
    let n[t] = sum[v](c[t, v])
    let g[t, v] = if v == y[t] { -n[t] } else { c[t, v] }
    out[v, d] = sum[t](g[t, v] * x[t, d])
}
fn squared(x: f32[T, D], w: f32[V, D], y: i32[T]) -> f32[V, D] {
    let z[t, v] = sum[d](x[t, d] * w[v, d])
    let c[t, v] = max(1.0 + z[t, v] - z[t, y[t]], 0.0)
    let n[t] = sum[v](c[t, v])
    out[v, d] = sum[t]((c[t, v] - n[t]) * x[t, d])
}
fn triplets(a: f32[N, D], b: f32[N, D]) -> f32 {
    let s[i, j] = sum[d](a[i, d] * b[j, d])
    sum[i, j | j != i](max(0.0, 0.2 + s[i, j] - s[i, i]) + max(0.0, 0.2 + s[i, j] - s[j, j]))
}
fn of_columns(a: f32[N, D], b: f32[N, D]) -> f32[N, D] {
    let s[i, j] = sum[d](a[i, d] * b[j, d])
    let c[i, j] = if j != i and 0.2 + s[i, j] - s[i, i] > 0 { 1.0 } else { 0.0 }
    let n[i] = sum[j](c[i, j])
    let g[i, j] = if i == j { -n[i] } else { c[i, j] }
    out[j, d] = sum[i](g[i, j] * a[i, d])
}

let x[t: 40, d: 5] = f32((t * 7 + d * 5) % 23) * 0.125 - 1.0
let w[v: 300, d: 5] = f32((v * 5 + d * 13) % 17) * 0.125 - 1.0
let y[t: 40] = i32((t * 37) % 300)
print(margin(x, w, y))
let g = of_words(x, w, y)
print(g[37], g[299], sum(g))
let h = squared(x, w, y)
print(h[37], sum(h))
print(triplets(x, w[:40]), of_columns(x, w[:40])[39])
let none: f32[0, 5] = 0
let nobody: i32[0] = 0
print(sum(squared(none, w, nobody)), len(squared(none, none, nobody)))
# > 400.5
# > [53.25, -127.6, -308.5, -486.5, 160.6] [13.75, 19.12, 10.12, 4.0, 3.625] 0.0
# > [-3880.0, -6514.0, -6665.0, -8568.0, -3456.0] -8.738e+06
# > 2490.0 [-25.75, 21.88, 3.375, -0.75, -10.62]
# > 0.0 0
