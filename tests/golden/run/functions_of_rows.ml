## A function of a row that is called for each row is what the same is with names for all rows: numbers and vectors of a turn become tensors
## (passes/distribute.c), sorted ones, running sums and what a loop of the function carries, too.
fn weights(s: f32[S]) -> f32[S] {
    let m = max[j](s[j])
    let z = sum[j](exp(s[j] - m))
    let p[j] = exp(s[j] - m) / z
    p
}
fn sparse(s: f32[S]) -> f32[S] {
    var lo = max[j](s[j]) - 1.0
    var hi = max[j](s[j])
    for _n in 0..10 {
        let t = (lo + hi) / 2
        if sum[j](max(s[j] - t, 0.0)) > 1.0 { lo = t } else { hi = t }
    }
    let p[j] = max(s[j] - lo, 0.0) / max(hi - lo, 1.0)
    p
}
fn nucleus(s: f32[S], share: f32) -> f32[S] where S >= 1 {
    let (v, _) = sort(s, descending: true)
    let e[j] = exp(v[j] - v[0])
    let z = sum[j](e[j])
    rec c[j] = (c[j - 1] ?? 0.0) + e[j] / z
    let n = count[j](c[j] < share)
    let t = v[min(n, S - 1)]
    let w[j] = if s[j] >= t { exp(s[j] - v[0]) } else { 0.0 }
    let total = sum[j](w[j])
    let p[j] = w[j] / total
    p
}
fn sharpened(s: f32[S], turns: int) -> f32[S] {
    var p[j] = exp(s[j])
    var step = 0.5
    for n in 0..turns {
        let z = sum[j](p[j])
        let q[j] = (p[j] / z) ^ 2 + f32(n) * 0.01 + step
        p = q
        step = step * z / (1.0 + z)
    }
    let o[j] = p[j] + step
    o
}
fn deviations(s: f32[S]) -> f32[S] {
    let m = mean[j](s[j])
    let d[j] = (s[j] - m) ^ 2
    d
}
fn largest(s: f32[S]) -> f32[2] where S >= 2 {
    let (v, _) = topk(s, 2)
    v
}
fn all_of(x: f32[H, T, S]) -> f32[6, H, T, S] where S >= 2 {
    let a[h, i] = weights(x[h, i])
    let b[h, i] = sparse(x[h, i])
    let c[i, h] = nucleus(x[h, i], 0.7)
    let d[h, i] = sharpened(x[h, i], 3)
    let e[h, i] = deviations(x[h, i])
    let f[h, i] = largest(x[h, i])
    let g[h, i, j] = f[h, i, j % 2] + e[h, i, j]
    let cc[h, i, j] = c[i, h, j]
    [a, b, cc, d, e, g]
}
## Turns by hand: every other row; a place that is read before is no place of its own; products.
fn by_hand(x: f32[T, S], w: f32[S, S]) -> f32[3, T, S] {
    var a: f32[T, S] = 0
    var b: f32[T, S] = 0
    var c: f32[T, S] = 0
    for i in 0..T {
        let y[j] = tanh(sum[k](x[i, k] * w[j, k]))
        let n = rsqrt(1.0 + sum[j](y[j] ^ 2))
        let z[j] = y[j] * n
        a[i] = z
    }
    for i in 0..T // 2 { b[2 * i] = x[i] }
    for i in 0..T {
        let y[j] = x[i, j] + (if i > 0 { c[i - 1, j] } else { 0.0 })
        c[i] = y
    }
    [a, b, c]
}
## Of what fails the first turn's is the first.
fn picked(x: f32[T, S], at: i32[T, S]) -> f32[T, S] {
    let y[i] = looked_up(x[i], at[i])
    y
}
fn looked_up(s: f32[S], at: i32[S]) -> f32[S] {
    let m = max[j](s[j])
    let y[j] = s[at[j]] - m
    y
}
## A matrix of each turn, row by row.
fn best_path(e: f32[L, S], w: f32[S, S]) -> f32[S] where L >= 1 {
    var a[j] = e[0, j]
    for l in 1..L {
        let n[j] = max[k](a[k] + w[k, j]) + e[l, j]
        a = n
    }
    a
}
fn paths(e: f32[B, L, S], w: f32[S, S]) -> f32[B, S] where L >= 1 {
    let y[b] = best_path(e[b], w)
    y
}
let x[h: 2, i: 9, j: 21] = f32((h * 5 + i * 13 + j * j * 2) % 17) / 9.0 - 1.0
let all = all_of(x)
let total[f] = sum[h, i, j](all[f, h, i, j] * f32(1 + (h + 2 * i + 3 * j) % 5))
print(all[:, 1, 7, 3], total)
let one = all_of(x[:, 4:5, :])
print(count[f, h, j](abs(one[f, h, 0, j] - all[f, h, 4, j]) > 0), sum(all_of(x[:, 0:0, :])))
let u[j: 21, k: 21] = f32((j * 3 + k * 7) % 11) / 20.0 - 0.25
let hands = by_hand(x[0], u)
print(hands[:, 8, 5], sum[f, i, j](hands[f, i, j] * f32(1 + (f + i + j) % 4)))
let ends = paths(x, u)
print(ends[:, 4], sum[b, j](ends[b, j] * f32(1 + (b + j) % 4)))
var at: i32[9, 21] = 4
print(sum(picked(x[1], at)))
at[7, 2] = 21
at[3, 20] = -5
print(sum(picked(x[1], at)))
# > [0.05939, 0.0006511, 0.07978, 0.8598, 0.1042, 0.7708] [53.28, 50.34, 53.27, 967.8, 297.2, 1058.0]
# > 0 0.0
# > [0.2563, 0.0, -1.444] -365.9
# > [5.378, 6.3] 668.9
# > -156.3
# status: 1
# stderr: subscript -5 is outside an axis of size 21
