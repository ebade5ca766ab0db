# Products with a part of a model's weight that begins where an int of the call says have the bits that they have with a tensor as any; a place that is none is
# said where an element asks for it.
model Net(N, K) {
    param w: f32[N, K] ~ normal(0, 1)
    param v: f32[K, N] ~ normal(0, 1)
}
fn first(w: f32[N, K], x: f32[T, K], o: int, M: int) -> f32[T, M] { out[t, m] = sum[k](x[t, k] * w[m + o, k]) }
fn p_first(net: Net(N, K), x: f32[T, K], o: int, M: int) -> f32[T, M] = first(net.w, x, o, M)
fn last(v: f32[K, N], x: f32[T, K], o: int, M: int) -> f32[T, M] { out[t, m] = relu(sum[k](x[t, k] * v[k, o + m])) }
fn p_last(net: Net(N, K), x: f32[T, K], o: int, M: int) -> f32[T, M] = last(net.v, x, o, M)
fn both(w: f32[N, K], x: f32[T, K], o: int, M: int) -> f32[T, M] {
    out[t, m] = sum[k](x[t, k] * w[m + o, k]) * sum[k](x[t, k] * w[m + 7, k])
}
fn p_both(net: Net(N, K), x: f32[T, K], o: int, M: int) -> f32[T, M] = both(net.w, x, o, M)

let net = Net(83, 70)
let w = net.w
let v = net.v
let x[t: 13, k: 70] ~ normal(0, 1, key: key(2))
for o in 0..42 {
    let a = norm(p_first(net, x, 2 * o, 1) - first(w, x, 2 * o, 1)) + norm(p_first(net, x[:1], o, 41) - first(w, x, o, 41)[:1])
    let b = norm(p_last(net, x, o, 40) - last(v, x, o, 40)) + norm(p_both(net, x[:3], o, 40) - both(w, x[:3], o, 40))
    if a + b != 0 {
        print(o, a, b)
    }
}
print(norm(p_first(net, x, 5, 70)), norm(p_last(net, x, 13, 70)), norm(p_both(net, x, 1, 70)))
# > 246.0 180.6 1977.0
print(len(p_first(net, x[:0], -5, 9)), len(p_first(net, x, 500, 0)))
# > 0 13
print(norm(p_last(net, x, -1, 9)))
# status: 1
# stderr: subscript -1 is outside an axis of size 83
# long
