# Rows that look up which weight of a model they are multiplied by have the bits that they have alone, and with weights as any tensors, in whatever order they are taken.
model Net(E, N, K) {
    param w: f32[E, N, K] ~ normal(0, 1)
    param v: f32[E, N, K] ~ normal(0, 1)
}
fn one(w: f32[E, N, K], x: f32[T, K], e: i32[T]) -> f32[T, N] { out[t, n] = sum[k](x[t, k] * w[e[t], n, k]) + f32(t - t) }
fn p_one(net: Net(E, N, K), x: f32[T, K], e: i32[T]) -> f32[T, N] = one(net.w, x, e)
fn two(w: f32[E, N, K], v: f32[E, N, K], x: f32[T, K], e: i32[T]) -> f32[T, N] {
    out[t, n] = max(sum[k](x[t, k] * w[e[t], n, k]), 0) * sum[k](x[t, k] * v[e[t], n, k])
}
fn p_two(net: Net(E, N, K), x: f32[T, K], e: i32[T]) -> f32[T, N] = two(net.w, net.v, x, e)
fn several(w: f32[E, N, K], x: f32[T, K], e: i32[T, R]) -> f32[T, R, N] { out[t, r, n] = sum[k](x[t, k] * w[e[t, r], n, k]) + f32(r) }
fn p_several(net: Net(E, N, K), x: f32[T, K], e: i32[T, R]) -> f32[T, R, N] = several(net.w, x, e)
fn guarded(w: f32[E, N, K], x: f32[T, K], e: i32[T]) -> f32[T, N] { out[t, n] = sum[j, k | e[t] == j](x[t, k] * w[j, n, k]) }
fn p_guarded(net: Net(E, N, K), x: f32[T, K], e: i32[T]) -> f32[T, N] = guarded(net.w, x, e)
fn pair(w: f32[E, N, K], x: f32[T, K], e: i32[T], o: i32[T]) -> f32[T, N] {
    out[t, n] = sum[k](x[t, k] * w[e[t], n, k]) * 2 + sum[k](x[t, k] * w[o[t], n, k]) * sum[k](x[t, k] * w[e[t], n, k])
}
fn p_pair(net: Net(E, N, K), x: f32[T, K], e: i32[T], o: i32[T]) -> f32[T, N] = pair(net.w, x, e, o)
fn rows(net: Net(E, N, K), x: f32[T, K], e: i32[T]) -> f32[T, N] {
    out[t, n] = sum[k](x[e[t], k] * net.w[e[t], n, k])
}
fn plain_rows(w: f32[E, N, K], x: f32[T, K], e: i32[T]) -> f32[T, N] {
    out[t, n] = sum[k](x[e[t], k] * w[e[t], n, k])
}

let net = Net(5, 21, 70)
let w = net.w
let v = net.v
let x[t: 43, k: 70] ~ normal(0, 1, key: key(2))
let e[t: 43] = i32(t * t % 5)
let some[t: 43] = i32(t * t % 9 - 2)         # some are none
let pairs[t: 43, r: 3] = i32((t * t + r * 2) % 5)
print(norm(p_one(net, x, e) - one(w, x, e)), norm(p_one(net, x[7:8], e[7:8])[0] - p_one(net, x, e)[7]), norm(p_one(net, x[:3], e[:3]) - p_one(net, x, e)[:3]))
# > 0.0 0.0 0.0
print(norm(p_two(net, x, e) - two(w, v, x, e)), norm(p_two(net, x[7:8], e[7:8])[0] - p_two(net, x, e)[7]))
# > 0.0 0.0
print(norm(p_several(net, x, pairs) - several(w, x, pairs)), norm(p_several(net, x[7:8], pairs[7:8])[0] - p_several(net, x, pairs)[7]))
# > 0.0 0.0
print(norm(p_guarded(net, x, some) - guarded(w, x, some)), norm(p_guarded(net, x[7:8], some[7:8])[0] - p_guarded(net, x, some)[7]), norm(p_guarded(net, x, e) - guarded(w, x, e)))
# > 0.0 0.0 0.0
print(norm(rows(net, x, e) - plain_rows(w, x, e)), norm(p_one(net, x, e)), norm(p_two(net, x, e)), norm(p_several(net, x, pairs)), norm(p_guarded(net, x, some)))
# > 0.0 256.8 1614.0 435.3 107.1
let o[t: 43] = i32(4 - t * t % 5)
print(norm(p_pair(net, x, e, o) - pair(w, x, e, o)), norm(p_pair(net, x[7:8], e[7:8], o[7:8])[0] - p_pair(net, x, e, o)[7]), norm(p_pair(net, x, e, o)) > 9)
# > 0.0 0.0 true
let none = Net(0, 21, 70)
print(norm(p_guarded(none, x, some)), len(p_one(Net(5, 0, 70), x, some)))
# > 0.0 43
print(norm(p_one(net, x, some)))
# status: 1
# stderr: subscript -2 is outside an axis of size 5
# long
