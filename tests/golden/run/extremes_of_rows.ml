## The greatest and least of a row: a NaN of either sign wins wherever it stands, -0 is below +0, nothing gives the identity.
fn both(x: f32[N]) -> (f32, f32) {
    (max[n](x[n]), min[n](x[n]))
}
fn ramp(n: i64, v: f32, at: i64) -> (f32, f32) {
    let x[i: n] = if i == at { v } else { f32(i) - 10 }
    both(x)
}
fn inverse(n: i64, v: f32, at: i64) -> (f32, f32) {
    let x[i: n] = if i == at { v } else { -v }
    let (a, b) = both(x)
    (1 / a, 1 / b)
}
print(ramp(0, 0.0, 0))
# > (-inf, inf)
print(ramp(100, 0.0 / 0.0, 3), ramp(100, -(0.0 / 0.0), 99), ramp(16, -(0.0 / 0.0), 0))
# > (nan, nan) (nan, nan) (nan, nan)
print(ramp(100, 1.0 / 0.0, 99), ramp(100, -1.0 / 0.0, 64), ramp(3, 1.0, 1))
# > (inf, -10.0) (89.0, -inf) (1.0, -10.0)
print(inverse(40, 0.0, 17), inverse(40, -0.0, 33), inverse(5, 4.0, 2))
# > (inf, -inf) (inf, -inf) (0.25, -0.25)

let x[t: 3, n: 20] = f64(t * n) * (if n == 13 { -1 } else { 1 })
let y[t: 3, n: 20] = bf16(f32(x[t, n]))
let a[t: 3] = max[n](x[t, n])
let b[t: 3] = min[n](y[t, n])
print(a, b)
# > [0.0, 19.0, 38.0] [-0.0, -13.0, -26.0]
let p[t: 3, n: 1000] = softmax[n](f32(n % 7) * f32(t) + (if n == 900 { 3.0 } else { 0.0 }))
print(sum[n](p[0, n]) < 1.0001, p[0, 900] / p[0, 0] > 20.08, p[1, 6] / p[1, 0] > 403, p[2, 900] > p[2, 4])
# > true true true true
