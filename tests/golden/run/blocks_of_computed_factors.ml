# Factors of products in blocks that are computed as they are copied: in runs of the last index of the sum, along rows, along lanes, across both.
fn bilinear(x: f32[B, I], w: f32[O, I, J], y: f32[B, J]) -> f32[B, O] { out[b, o] = sum[i, j](x[b, i] * w[o, i, j] * y[b, j]) }
fn mixed(x: f32[B, I], w: f32[O, I, J], y: f32[J, B]) -> f32[B, O] { out[b, o] = sum[i, j](x[b, i] * w[o, i, j] * y[j, b]) }
fn kernels(w: f32[O, 3, C], x: f32[Y, C]) -> f32[Y, O] { out[y, o] = sum[i, c](w[o, i, c] * max(x[y + i - 1, c] ?? 0, 0)) }
fn across(a: f32[K, M], b: f32[N, K]) -> f32[M, N] { out[m, n] = sum[k](max(a[k, m], 0) * abs(b[n, k])) }
fn along(a: f32[M, K], b: f32[K, N], c: f32[N]) -> f32[M, N] { out[m, n] = sum[k]((a[m, k] + f32(k % 3)) * (b[k, n] - c[n])) }

fn whole(B: int, I: int, J: int, O: int) {
    let x[b: B, i: I] = f32((b * 5 + i * 3) % 7 - 3)
    let y[b: B, j: J] = f32((b * 2 + j * j) % 5 - 2)
    let w[o: O, i: I, j: J] = f32((o + i * j) % 9 - 4)
    let yt[j: J, b: B] = y[b, j]
    let v[o: O, i: 3, j: J] = f32((o + i * j) % 9 - 4)
    let xt[i: I, b: B] = x[b, i]
    let u[o: O, i: I] = w[o, i, 0]
    let ut[i: I, o: O] = u[o, i]
    let c[o: O] = f32(o % 3)
    let r = bilinear(x, w, y)
    let m = mixed(x, w, yt)
    let t[b, o] = sum[i, j](x[b, i] * y[b, j] * w[o, i, j])
    print(sum[b, o](r[b, o] * f32(b % 3 + o)), max[b, o](abs(r[b, o] - m[b, o])), max[b, o](abs(r[b, o] - t[b, o])))
    let k = kernels(v, y)
    let a = across(xt, u)
    let l = along(x, ut, c)
    print(sum[b, o](k[b, o] * f32(b % 3 + o)), sum[b, o](a[b, o] * f32(b % 3 + o)), sum[b, o](l[b, o] * f32(b % 3 + o)))
}
whole(1, 1, 1, 1)
whole(3, 5, 7, 4)
whole(40, 20, 30, 33)
whole(65, 17, 40, 50)
# > 0.0 0.0 0.0
# > 0.0 0.0 0.0
# > 108.0 0.0 0.0
# > -148.0 260.0 -377.0
# > -3.624e+04 0.0 0.0
# > -4.887e+04 7.979e+05 -5.016e+05
# > -1.823e+04 0.0 0.0
# > -2.578e+05 2.624e+06 -1.486e+06
