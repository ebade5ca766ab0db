# A look-up under a choice is asked for where the choice takes it.
model Net(E, N, K) { param w: f32[E, N, K] ~ normal(0, 1) }
fn chosen(net: Net(E, N, K), x: f32[T, K], e: i32[T]) -> f32[T, N] {
    out[t, n] = if e[t] >= 0 and e[t] < E { sum[k](x[t, k] * net.w[e[t], n, k]) } else { 0.5 }
}
fn chosen_in(net: Net(E, N, K), x: f32[T, K], e: i32[T]) -> f32[T, N] {
    out[t, n] = sum[k](if e[t] < 4 { x[t, k] * net.w[e[t], n, k] } else { 0.5 })
}
fn added(net: Net(E, N, K), x: f32[T, K], e: i32[T]) -> f32[T, N] {
    out[t, n] = sum[k](x[t, k] * net.w[0, n, k]) + (if e[t] < 4 { sum[k]((net.w[1, 2, k] + x[e[t], k]) * net.w[2, n, k]) } else { 0.0 })
}
let net = Net(4, 70, 33)
let x[t: 40, k: 33] ~ normal(0, 1, key: key(2))
let e[t: 40] = i32(t * t % 5)
print(norm(chosen(net, x, e)), norm(chosen_in(net, x, e)), norm(added(net, x, e)))
# > 243.6 603.3 474.0
