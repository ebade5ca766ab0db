# The last index of a result stands in both factors: a product for each place of it, whatever the order of the factors' axes is; also of weights of a model.
# long
fn first(a: f32[Q, P, R], x: f32[B, R, Q]) -> f32[B, P, Q] { out[b, p, q] = sum[r](a[q, p, r] * x[b, r, q]) }
fn second(a: f32[R, Q, P], x: f32[Q, R, B]) -> f32[B, P, Q] { out[b, p, q] = max(sum[r](a[r, q, p] * x[q, r, b]), 0.1) }
fn third(a: f32[P, R, Q], x: f32[B, Q, R]) -> f32[P, B, Q] { out[p, b, q] = sum[r | r <= p](a[p, r, q] * x[b, q, r]) }
fn fourth(a: f32[G, H, P, R], x: f32[B, G, H, R]) -> f32[B, P, G, H] { out[b, p, g, h] = sum[r](a[g, h, p, r] * x[b, g, h, r]) - f32(h) }
fn fifth(a: i8[Q, P, R], x: i8[B, R, Q]) -> i32[B, P, Q] { out[b, p, q] = sum[r](i32(a[q, p, r]) * i32(x[b, r, q])) }
model Monarch(Q, P, R) {
    param a: f32[Q, P, R] = 0.25
    param c: f32[P, R, Q] = 0.5
    fn call(x: f32[B, R, Q]) -> f32[B, P, Q] {
        let y[b, p, q] = sum[r](a[q, p, r] * x[b, r, q])
        out[b, p, q] = y[b, p, q] + sum[r](c[p, r, q] * x[b, r, q])
    }
}
fn other(net: Monarch(Q, P, R), x: f32[B, Q, R]) -> f32[B, P, Q] { out[b, p, q] = sum[r](net.c[p, r, q] * x[b, q, r]) }

fn compare(Q: int) {
    let P = Q + 2
    let R = 2 * Q
    let B = Q + 1
    let a[q: Q, p: P, r: R] = f32((q * 7 + p * p + r * 3) % 11 - 5)
    let x[b: B, r: R, q: Q] = f32((q * q + b * 5 + r * 2) % 9 - 4)
    let y = first(a, x)
    let a2[r: R, q: Q, p: P] = a[q, p, r]
    let x2[q: Q, r: R, b: B] = x[b, r, q]
    let z = second(a2, x2)
    let a3[p: P, r: R, q: Q] = a[q, p, r]
    let x3[b: B, q: Q, r: R] = x[b, r, q]
    let t = third(a3, x3)
    let a4[g: Q, h: 3, p: P, r: R] = a[g, p, r] + f32(h)
    let x4[b: B, g: Q, h: 3, r: R] = x[b, r, g]
    let u = fourth(a4, x4)
    let a5[q: Q, p: P, r: R] = i8(a[q, p, r])
    let x5[b: B, r: R, q: Q] = i8(x[b, r, q])
    let i = fifth(a5, x5)
    let net = Monarch(Q, P, R)
    let m = net(x)
    let o = other(net, x3)
    print(sum[b, p, q](y[b, p, q] * f32(b + 2 * p + q)), max[b, p, q](abs(y[b, p, q] - f32(i[b, p, q]))), max[b, p, q](abs(z[b, p, q] - max(y[b, p, q], 0.1))))
    print(sum[b, p, q](t[p, b, q] * f32(b + 2 * p + q)), sum[b, p, g, h](u[b, p, g, h] * f32(b + 2 * p + g)), sum(m), sum(o))
}
compare(1)
compare(3)
compare(17)
compare(33)
# > 29.0 0.0 0.0
# > 35.0 42.0 -4.5 -3.0
# > 607.0 0.0 0.0
# > 437.0 156.0 -22.5 -15.0
# > 7950.0 0.0 0.0
# > 2874.0 -5.567e+05 0.0 0.0
# > 9.917e+04 0.0 0.0
# > 3.199e+04 -7.902e+06 -1811.0 -1208.0
