## Guards over data: documents, an order of its own, a choice; places that no row of a tile can have are left out.
fn docs(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D], a: i32[T], b: i32[S]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d])
    let p[h, i, j] = softmax[j | a[i] == b[j]](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h // (H / G), j, d])
}
fn order(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D], a: i32[T], b: i32[S], n: i64[H]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d])
    let p[h, i, j] = softmax[j | b[j] < a[i] and b[j] + 400 > a[i] and j < n[h]](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h // (H / G), j, d])
}
fn either(q: f32[H, T, D], k: f32[G, S, D], v: f32[G, S, D], a: i32[T], b: i32[S]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d])
    let p[h, i, j] = softmax[j | (a[i] == b[j] or j < 3) and j <= i](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * v[h // (H / G), j, d])
}
let q[h: 4, i: 75, d: 9] = f32((h * 7 + d * 3 + i * 5) % 23) * 0.1 - 1.0
let k[h: 2, j: 777, d: 9] = f32((h * 5 + d * 13 + j * 2) % 17) / 9.0 - 1.0
let v[h: 2, j: 777, d: 9] = f32((h * 5 + d * 13 + j * 7) % 19) / 9.0 - 1.0
let a[i: 75] = i32(i * 10 // 130)
let b[j: 777] = i32(j // 130)
let c[i: 75] = i32(i * 10)
let e[j: 777] = i32((j * 31) % 777)
let n = i64([700, 0, 100, 777])
fn look(x: f32[H, T, D]) -> (f32, f32, f32) = (sum[h, i, d](x[h, i, d] * f32(h + 1) * f32(i % 7)), x[1, 40, 3], x[3, 74, 8])
print(look(docs(q, k, v, a, b)), look(order(q, k, v, c, e, n)), look(either(q, k, v, a, b)))
# long
# > (10.86, -0.002922, -0.01154) (-60.04, 0.0, -0.008115) (-2183.0, -0.06838, 0.2554)
