# The largest and the least whole numbers as limits: a bound made of one must not pass the end of what 64 bits hold.
fn up_to(x: f32[N], w: int) -> f32 = sum[i | i <= w](x[i])
fn near(x: f32[N], w: int) -> f32 = sum[i, j: N | abs(i - j) <= w](x[i] * x[j])
fn behind(x: f32[N], w: int[2]) -> f32[2] { out[h] = sum[i: N, j: N | i - j >= w[h]](x[i] * x[j]) }
fn both(x: f32[N], a: int, b: int) -> f32 = sum[i, j: N | i - a <= j - b](x[j] * x[i])

fn pairs(x: f32[N, N], w: int) -> f32 {
    let y[i, j] = exp(x[i, j])
    sum[i, j | j - i <= w](y[i, j]) + sum[i, j | i - j >= w](y[i, j] * 2.0)
}

fn attend(q: f32[H, T, D], k: f32[G, T, D], w: int[H], left: int) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h // (H / G), j, d])
    let p[h, i, j] = softmax[j | j <= i and i - j <= w[h] and (h % 2 == 0 or i - j < left)](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * k[h // (H / G), j, d])
}

let most = 9223372036854775807
let x = f32([1, 2, 3])
let q[h: 4, i: 280, d: 3] = sin(f32(h * 7 + i * 3 + d * 5))
let k[h: 2, i: 280, d: 3] = sin(f32(h * 3 + i * 2 + d * 4))
for w in [most, most - 7, 1, 0, -1, -most, -most - 1] {
    print(w, up_to(x, w), near(x, w), behind(x, [w, 1]), pairs([[0, 1], [0, 1]], w))
    print("  ", round(100 * sum(attend(q, k, [w, 3, w, most], w))))
}
# long
# > 9223372036854775807 6.0 36.0 [0.0, 11.0] 7.437
# >    -738.0
# > 9223372036854775800 6.0 36.0 [0.0, 11.0] 7.437
# >    -738.0
# > 1 3.0 30.0 [11.0, 11.0] 9.437
# >    30.0
# > 0 1.0 14.0 [25.0, 11.0] 14.15
# >    2.0
# > -1 0.0 0.0 [33.0, 11.0] 15.87
# >    0.0
# > -9223372036854775807 0.0 0.0 [36.0, 11.0] 14.87
# >    0.0
# > -9223372036854775808 0.0 0.0 [36.0, 11.0] 14.87
# >    0.0
print(both(x, most, most - 1), both(x, most, -5), both(x, -5, most), both(x, most, most))
# > 33.0 36.0 0.0 25.0
