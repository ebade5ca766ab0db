## A loop that may return is a choice of several values in an element of a stream: it stays one.
fn halved(x: f64[P], s: f64) -> f64 {
    var u: f64 = s
    for i in 0..P {
        if x[i] > 0.0 { return u }
        u = u * 0.5 + 1.0
    }
    u
}
fn spread(a: f64[M, N]) -> f64 {
    let s[i: M, j: M] = halved(a[i], 1.0) / (if j != i { 1.0 } else { 2.0 })
    let m[i: M] = max[j: M](s[i, j])
    let e[i: M, j: M] = exp(min(s[i, j] - m[i], 1.0))
    let z[i: M] = sum[j: M](e[i, j])
    let y[i: M] = sum[j: M](e[i, j] * s[i, j]) / z[i]
    sum[i](y[i])
}
let a: f64[3, 4] = [[-1.0, -1.0, 1.0, 0.0], [-1.0, -1.0, -1.0, -2.0], [3.0, 1.0, 1.0, 1.0]]
print(i64(round(spread(a) * 1e6)))
# > 4265708
