# Rows of a product with a model's weight that are computed: looked up and added, permuted, shifted into zeros. The bits are those of rows that were stored
# before, and a subscript that is none is said where there is an element that asks for it.
model Net(N, K) { param w: f32[N, K] ~ normal(0, 1) }
fn plain(net: Net(N, K), x: f32[T, K]) -> f32[T, N] { out[t, n] = sum[k](x[t, k] * net.w[n, k]) }
fn tied(net: Net(N, K), x: f32[T, K], i: i32[T]) -> f32[T, N] {
    out[t, n] = sum[k]((net.w[i[t], k] + x[t, k]) * net.w[n, k])
}
fn permuted(net: Net(N, K), x: f32[T, K], p: i32[K]) -> f32[T, N] { out[t, n] = sum[k](x[t, p[k]] * net.w[n, k]) }
fn shifted(net: Net(N, K), x: f32[T, K], s: int) -> f32[T, N] {
    out[t, n] = sum[k]((if k >= s { x[t, k - s] } else { 0.0 }) * net.w[n, k])
}
fn embedded(net: Net(N, K), x: f32[T, K], i: i32[T]) -> f32[T, K] { out[t, k] = net.w[i[t], k] + x[t, k] }
fn mixed(x: f32[T, K], p: i32[K]) -> f32[T, K] { out[t, k] = x[t, p[k]] }
fn moved(x: f32[T, K], s: int) -> f32[T, K] { out[t, k] = if k >= s { x[t, k - s] } else { 0.0 } }

let net = Net(70, 290)
let none = Net(0, 290)
let x[t: 11, k: 290] ~ normal(0, 1, key: key(2))
let i[t: 11] = i32(t * 29 % 70)
let p[k: 290] = i32(k * 7 % 290)
print(norm(tied(net, x, i) - plain(net, embedded(net, x, i))), norm(tied(net, x[4:5], i[4:5])[0] - tied(net, x, i)[4]))
# > 0.0 0.0
print(norm(permuted(net, x, p) - plain(net, mixed(x, p))), norm(permuted(net, x[4:5], p)[0] - permuted(net, x, p)[4]))
# > 0.0 0.0
print(norm(shifted(net, x, 30) - plain(net, moved(x, 30))), norm(shifted(net, x, 300)), norm(tied(net, x, i)), norm(permuted(net, x, p)), norm(shifted(net, x, 30)))
# > 0.0 0.0 1204.0 482.8 447.4
let wrong[k: 290] = i32(k + 10)
print(len(permuted(none, x, wrong)), norm(permuted(none, x, wrong)))
# > 11 0.0
print(norm(permuted(net, x, wrong)))
# status: 1
# stderr: subscript 290 is outside an axis of size 290
# long
