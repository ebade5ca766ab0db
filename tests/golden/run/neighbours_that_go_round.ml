# Sums, greatest places and counts over few neighbours whose places go round, in lanes: pictures of all widths, steps beyond the size, integers and floats.
# long
fn life(x: i8[H, W]) -> i8[H, W] where H >= 3 and W >= 3 {
    let n[i, j] = sum[a: 3, b: 3](i32(x[(i + a + H - 1) % H, (j + b + W - 1) % W])) - i32(x[i, j])
    out[i, j] = if n[i, j] == 3 or (n[i, j] == 2 and x[i, j] == 1) { 1 } else { 0 }
}
fn sums(x: f32[H, W], s: int) -> f32[H, W] where H >= 1, W >= 1, s >= 0, s < 1000 { out[i, j] = sum[a: 2, b: 4](x[(i + a * s) % H, (j + 3 * b + s) % W]) }
fn most(x: f32[H, W]) -> f32[H, W] where H >= 1, W >= 1 { out[i, j] = max[a: 3, b: 3](x[(i + a + 2 * H - 1) % H, (j + b + 2 * W - 1) % W]) }
fn counts(x: i8[H, W]) -> i64[H, W] where H >= 1, W >= 1 { out[i, j] = count[b: 5](x[i, (j + 2 * b) % W] == 1) }
fn back(x: f32[W]) -> f32[W] where W >= 1 { out[j] = sum[b: 3](x[(3 * W - j - b) % W] * f32(b + 1)) }
fn round(x: f32[H, W], w: f32[3, 3]) -> f32[H, W] where H >= 1, W >= 1 { out[i, j] = sum[a: 3, b: 3](w[a, b] * x[(i + a + H - 1) % H, (j + b + W - 1) % W]) }
fn held(x: f32[H, W], w: f32[5, 5]) -> f32[H, W] where H >= 1, W >= 1 { out[i, j] = sum[a: 5, b: 5](w[a, b] * x[clip(i + a - 2, 0, H - 1), clip(j + b - 2, 0, W - 1)]) }
fn apart(x: f32[H, W], w: f32[3]) -> f32[H, W] where H >= 1, W >= 1 { out[i, j] = sum[b: 3](w[b] * x[min(i + 2, H - 1), (j + 5 * b) % W]) }
fn board(H: int, W: int) -> i8[H, W] where H >= 0, W >= 0 { out[i: H, j: W] = i8((i * 7 + j * 5 + i * j) % 11 < 4) }
fn reals(H: int, W: int) -> f32[H, W] where H >= 0, W >= 0 { out[i: H, j: W] = f32((i * 31 + j * 17) % 53 - 26) }
fn whole(x: f32[H, W]) -> f32 { sum[i, j](x[i, j] * f32((i * 5 + j * 3) % 7)) }
fn all(n: int) -> (i64, f32, f32, f32, i64, f32) where n >= 1 {
    let b = board(n + 2, n + 3)
    let l = life(life(b))
    let x = reals(n, n + 1)
    let c = counts(b)
    let r = back(x[0])
    let w = reals(5, 5)
    let t = round(x, w[:3, 1:4])
    let h = held(x, w)
    let v = apart(x, w[1, :3])
    print(whole(t), whole(h), whole(v))
    (sum[i, j](i64(l[i, j]) * (i * 5 + j)), whole(sums(x, n)), whole(sums(x, 7)), whole(most(x)), sum[i, j](c[i, j] * (i + 3 * j)), sum[j](r[j] * f32(j)))
}
print(all(1), all(2), all(3), all(5))
print(all(7), all(13), all(15))
print(all(16), all(17), all(31), all(45))
# > -2013.0 1605.0 -1473.0
# > -7782.0 1.217e+04 2149.0
# > 1363.0 3.056e+04 -607.0
# > 1.534e+04 1.187e+04 -5912.0
# > (0, -420.0, -420.0, -27.0, 147, -88.0) (73, -872.0, -676.0, 418.0, 225, -162.0) (47, -332.0, -212.0, 895.0, 421, -120.0) (371, 2464.0, 1722.0, 2154.0, 1120, -340.0)
# > -3524.0 2.869e+04 -3870.0
# > -4281.0 3.672e+04 4911.0
# > -2.958e+04 1.042e+05 -6591.0
# > (390, 1622.0, 1622.0, 3931.0, 2535, -674.0) (3283, -40.0, 598.0, 1.246e+04, 11312, -348.0) (3982, -1970.0, -811.0, 1.634e+04, 17043, 1404.0)
# > -2.136e+04 7.721e+04 -1.179e+04
# > -2.275e+04 7.251e+04 -8828.0
# > -5720.0 7.508e+04 1.343e+04
# > 3.073e+04 -5.346e+04 2.244e+04
# > (5776, -1670.0, 1230.0, 1.89e+04, 19134, -113.0) (5318, -2636.0, 1772.0, 2.1e+04, 22670, 868.0) (28980, -1002.0, 1715.0, 6.834e+04, 122097, 3292.0) (84588, -924.0, -1700.0, 1.429e+05, 356415, 3384.0)
