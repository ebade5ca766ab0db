# A sum over a range that grows from turn to turn, of what each of its rows reduces: how many rows there are is not known at entry.
fn totals(a: f32[K], b: f32[N], start: f32[M]) -> f32[M] {
    let q[i: K, d: 3] = clip(sin(2.0), -3, 3)
    let k[j: N, d: 3] = clip(b[j], -3, 3)
    let s[i: K, j: N] = clip(sum[d: 3](q[i, d] * k[j, d]) * 0.5 + 0.25 * (i - j), -20, 20)
    let p[i: K, j: N] = softmax[j](s[i, j])
    let u[i: K] = sum[j: N | s[i, j] + 1.5 > max[l: N](s[i, l])](p[i, j])
    var w = start
    var n_ = 0
    while n_ < M {
        let n = n_
        n_ += 1
        w[n] = sum[g: 0..n + 1, i: K](u[i] * a[i])
    }
    w
}
print(totals([1.0, 2.0, 0.5], [0.0, 1.0, -1.0, 2.0, 0.25], f32(zeros(4))))
# > [3.01, 6.02, 9.03, 12.04]
