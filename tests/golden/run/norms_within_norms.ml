# A sum over one index of squares of what is summed over another: both factors are the same value.
fn nested(a: f64[M, N], t: f64[K]) -> f64[K, M] {
    let u[n: N, k: K] = norm[j: N](norm[m: M | m >= n](t[k] + a[m, j]))
    out[k, m] = 1.0 + sum[n: N, i: K](u[n, i])
}

let a: f64[5, 3] = [[0.5, -1, 2], [1, 0.25, -0.5], [3, 1, 1], [-2, 0, 0.75], [0.1, 0.2, 0.3]]
let t: f64[2] = [0.25, -1.5]
let out = nested(a, t)
# Written out:
var s: f64 = 1
for n in 0..3 {
    for k in 0..2 {
        let q[j: 3, m: 5] = if m >= n { (t[k] + a[m, j]) * (t[k] + a[m, j]) } else { 0.0 }
        s = s + sqrt(sum[j, m](q[j, m]))
    }
}
print(abs(out[0, 0] - s) < 1e-12, abs(out[1, 4] - s) < 1e-12)
# > true true
