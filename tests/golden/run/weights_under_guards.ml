# Products with a model's weight under guards: a row has the bits that it has alone, and that a tensor as any gives; what lies outside of the guard is not observed.
model Net(N, K) { param w: f32[N, K] ~ normal(0, 1) }
fn to_data(w: f32[N, K], x: f32[T, K], m: i32[T]) -> f32[T, N] {
    out[t, n] = sum[k | k < m[t] and k >= m[t] - 150](x[t, k] * w[n, k])
}
fn to_lane(w: f32[N, K], x: f32[T, K], m: i32[T]) -> f32[T, N] {
    out[t, n] = sum[k | k <= n * 7](x[t, k] * w[n, k]) + f32(m[t])
}
fn band(w: f32[N, K], x: f32[T, K], m: i32[T]) -> f32[T, N] {
    out[t, n] = sum[k | abs(k - 2 * n) < 9](x[t, k] * w[n, k]) + f32(m[t])
}
fn blocks(w: f32[N, K], x: f32[T, K], m: i32[T]) -> f32[T, N] {
    out[t, n] = sum[k | k // 8 == n // 8](x[t, k] * w[n, k]) + f32(m[t])
}
fn both(w: f32[N, K], x: f32[T, K], m: i32[T]) -> f32[T, N] {
    out[t, n] = sum[k | k <= n * 7 and k > m[t]](x[t, k] * w[n, k])
}
fn of_rows(w: f32[N, K], x: f32[T, K], m: i32[T]) -> f32[T, N] {
    out[t, n] = sum[k | x[t, k] > 0](x[t, k] * w[n, k]) + f32(m[t])
}
fn of_lanes(w: f32[N, K], x: f32[T, K], m: i32[T]) -> f32[T, N] {
    out[t, n] = sum[k | w[n, k] > 0 and k < m[t]](x[t, k] * w[n, k])
}
fn either(w: f32[N, K], x: f32[T, K], m: i32[T]) -> f32[T, N] {
    out[t, n] = sum[k | k <= n or k > m[t]](x[t, k] * w[n, k])
}
fn third(w: f32[N, K], x: f32[T, K], m: i32[T]) -> f32[T, N] {
    out[t, n] = sum[k | k < m[t] and (k - n) % 3 == 0](x[t, k] * w[n, k])
}
fn p_data(net: Net(N, K), x: f32[T, K], m: i32[T]) -> f32[T, N] = to_data(net.w, x, m)
fn p_lane(net: Net(N, K), x: f32[T, K], m: i32[T]) -> f32[T, N] = to_lane(net.w, x, m)
fn p_band(net: Net(N, K), x: f32[T, K], m: i32[T]) -> f32[T, N] = band(net.w, x, m)
fn p_blocks(net: Net(N, K), x: f32[T, K], m: i32[T]) -> f32[T, N] = blocks(net.w, x, m)
fn p_both(net: Net(N, K), x: f32[T, K], m: i32[T]) -> f32[T, N] = both(net.w, x, m)
fn p_rows(net: Net(N, K), x: f32[T, K], m: i32[T]) -> f32[T, N] = of_rows(net.w, x, m)
fn p_lanes(net: Net(N, K), x: f32[T, K], m: i32[T]) -> f32[T, N] = of_lanes(net.w, x, m)
fn p_either(net: Net(N, K), x: f32[T, K], m: i32[T]) -> f32[T, N] = either(net.w, x, m)
fn p_third(net: Net(N, K), x: f32[T, K], m: i32[T]) -> f32[T, N] = third(net.w, x, m)

let net = Net(37, 270)
let w = net.w
let x[t: 13, k: 270] ~ normal(0, 1, key: key(2))
let m = i32([0, 5, 300, 17, 255, 256, 257, 90, 270, 1, -4, 64, 200])
# Beyond m[t] and more than 150 before it there is no number.
let holes[t: 13, k: 270] = if k < m[t] and k >= m[t] - 150 { x[t, k] } else { 0.0 / f32(t - t) }
print(norm(p_data(net, x, m) - to_data(w, x, m)), norm(p_data(net, holes, m) - to_data(w, x, m)), norm(p_data(net, x[6:7], m[6:7])[0] - to_data(w, x, m)[6]))
# > 0.0 0.0 0.0
print(norm(p_lane(net, x, m) - to_lane(w, x, m)), norm(p_lane(net, x[6:7], m[6:7])[0] - to_lane(w, x, m)[6]))
# > 0.0 0.0
print(norm(p_band(net, x, m) - band(w, x, m)), norm(p_band(net, x[6:7], m[6:7])[0] - band(w, x, m)[6]))
# > 0.0 0.0
print(norm(p_blocks(net, x, m) - blocks(w, x, m)), norm(p_blocks(net, x[6:7], m[6:7])[0] - blocks(w, x, m)[6]))
# > 0.0 0.0
print(norm(p_both(net, x, m) - both(w, x, m)), norm(p_both(net, x[3:4], m[3:4])[0] - both(w, x, m)[3]))
# > 0.0 0.0
print(norm(p_rows(net, x, m) - of_rows(w, x, m)), norm(p_rows(net, x[6:7], m[6:7])[0] - of_rows(w, x, m)[6]))
# > 0.0 0.0
print(norm(p_lanes(net, x, m) - of_lanes(w, x, m)), norm(p_lanes(net, x[6:7], m[6:7])[0] - of_lanes(w, x, m)[6]))
# > 0.0 0.0
print(norm(p_either(net, x, m) - either(w, x, m)), norm(p_either(net, x[6:7], m[6:7])[0] - either(w, x, m)[6]))
# > 0.0 0.0
print(norm(p_third(net, x, m) - third(w, x, m)), norm(p_third(net, x[6:7], m[6:7])[0] - third(w, x, m)[6]))
# > 0.0 0.0
print(norm(p_data(net, x, m)), norm(p_lane(net, x, m)), norm(p_band(net, x, m)), norm(p_blocks(net, x, m)), norm(p_both(net, x, m)))
# > 201.0 3932.0 3910.0 3909.0 174.8
print(norm(p_rows(net, x, m)), norm(p_lanes(net, x, m)), norm(p_either(net, x, m)), norm(p_third(net, x, m)))
# > 3918.0 198.7 283.3 149.0
# long
