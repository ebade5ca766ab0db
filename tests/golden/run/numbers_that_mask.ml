# What a number masks (-inf before a softmax, 0 in a sum of products) is left out as by a guard, with the values of what is written: 0 times an infinite value is NaN, a row without a place too, and where what is taken from -inf is -inf itself.
fn causal(q: f32[T, D], k: f32[S, D], v: f32[S, D], o: int) -> f32[T] {
    let s[i, j] = if j <= i + o { sum[d](q[i, d] * k[j, d]) / sqrt(D) } else { -inf }
    let p = softmax(s, axis: -1)
    let y[i, d] = sum[j](p[i, j] * v[j, d])
    out[i] = y[i, 0] - y[i, 1]
}
fn window(q: f32[T, D], k: f32[S, D], v: f32[S, D], w: int) -> f32[T] {
    let e[i, j] = if 0 <= i - j and i - j < w { exp(sum[d](q[i, d] * k[j, d]) / sqrt(D)) } else { 0.0 }
    let z[i] = sum[j](e[i, j])
    let y[i, d] = sum[j](e[i, j] / z[i] * v[j, d])
    out[i] = y[i, 0] - y[i, 1]
}
fn given(q: f32[T, D], k: f32[S, D], v: f32[S, D], z: f32[T]) -> f32[T] {
    let s[i, j] = if j > i { -inf } else { sum[d](q[i, d] * k[j, d]) }
    let y[i, d] = sum[j](exp(s[i, j] - z[i]) * v[j, d])
    out[i] = y[i, 0] - y[i, 1]
}
fn heads(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D], w: int) -> f32[T] {
    let s[h, i, j] = if abs(i - j) <= w { sum[d](q[h, i, d] * k[h // (H // G), j, d]) } else { -inf }
    let p = softmax(s, axis: -1)
    let y[h, i, d] = sum[j](p[h, i, j] * v[h // (H // G), j, d])
    out[i] = sum[h, d](f32(h + d) * y[h, i, d])
}
fn report(y: f32[T]) -> f32 { sum[i](if y[i] == y[i] { y[i] } else { 1000.0 }) }
let nan = 0.0 / f32(0)
let q[i: 40, d: 4] = f32((3 * i + 5 * d) % 7) / 4 - 0.5
let k[j: 300, d: 4] = f32((2 * j + 3 * d) % 5) / 4 - 0.5
let v[j: 300, d: 4] = f32((j + 2 * d) % 9) - 3.0
let far[j: 300, d: 4] = if j == 270 and d == 1 { inf } else { v[j, d] }
let near[j: 300, d: 4] = if j == 20 and d == 0 { nan } else { v[j, d] }
let dark[j: 300, d: 4] = if j < 10 { -inf } else { k[j, d] }
let z[i: 40] = if i == 5 { -inf } else if i == 30 { nan } else { 1.0 }
print(report(causal(q, k, v, 0)), report(causal(q, k, v, -3)), report(causal(q, k, v, 280)))
print(report(causal(q, k, far, 0)), report(causal(q, k, near, 0)), report(causal(q, dark, v, 0)))
print(report(window(q, k, v, 4)), report(window(q, k, v, 0)), report(window(q, k, far, 4)), report(window(q, k, near, 4)))
print(report(given(q, k, v, z)), report(given(q, k, far, z)))
let qh[h: 4, i: 40, d: 4] = q[i, d] * f32(h + 1)
let kh[g: 2, j: 300, d: 4] = if g == 1 and j == 3 { -inf } else { k[j, d] }
let vh[g: 2, j: 300, d: 4] = if g == 1 and j == 200 and d == 3 { inf } else { v[j, d] }
let vg[g: 2, j: 300, d: 4] = v[j, d] + f32(g)
print(report(heads(qh, kh, vg, 5)), report(heads(qh, kh, vh, 5)), report(heads(qh, kh, vg, -1)))
# > -24.97 2976.0 -0.9309
# > 4e+04 4e+04 4e+04
# > -10.2 4e+04 4e+04 4e+04
# > 1898.0 4e+04
# > 1.142e+04 4e+04 4e+04
