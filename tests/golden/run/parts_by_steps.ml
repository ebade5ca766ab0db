# Products with every second, third or fourth place of a model's weight, or with its places backwards, have the bits that they have with a tensor as any.
model Net(N, K) { param w: f32[N, K] ~ normal(0, 1) }
model Last(N, K) { param w: f32[K, N] ~ normal(0, 1) }
fn gated[M](w: f32[N, K], x: f32[T, K]) -> f32[T, M] where N == 2 * M {
    out[t, m: M] = sum[k](x[t, k] * w[2 * m + 1, k]) * silu(sum[k](x[t, k] * w[2 * m, k]))
}
fn p_gated[M](net: Net(N, K), x: f32[T, K]) -> f32[T, M] where N == 2 * M = gated[M](net.w, x)
fn last[M](w: f32[K, N], x: f32[T, K]) -> f32[T, M] where N == 2 * M {
    out[t, m: M] = sum[k](x[t, k] * w[k, 2 * m + 1]) - 3 * sum[k](x[t, k] * w[k, 2 * m])
}
fn p_last[M](net: Last(N, K), x: f32[T, K]) -> f32[T, M] where N == 2 * M = last[M](net.w, x)
fn thirds[M](w: f32[N, K], x: f32[T, K], y: f32[T, K]) -> f32[T, M] where N == 3 * M {
    out[t, m: M] = sum[k](x[t, k] * w[3 * m + 2, k]) * sum[k](y[t, k] * w[3 * m, k]) + sum[k](x[t, k] * w[3 * m, k]) * sum[k](y[t, k] * w[3 * m + 1, k])
}
fn p_thirds[M](net: Net(N, K), x: f32[T, K], y: f32[T, K]) -> f32[T, M] where N == 3 * M = thirds[M](net.w, x, y)
fn back(w: f32[N, K], x: f32[T, K]) -> f32[T, N] { out[t, n: N] = sum[k](x[t, k] * w[N - 1 - n, k]) + sum[k](x[t, k] * w[n, k]) }
fn p_back(net: Net(N, K), x: f32[T, K]) -> f32[T, N] = back(net.w, x)
fn heads_back[H, M](w: f32[N, K], x: f32[T, K]) -> f32[H, T, M] where N == H * M {
    out[h, t, m] = sum[k](x[t, k] * w[h * M + (M - 1 - m), k])
}
fn p_heads_back[H, M](net: Net(N, K), x: f32[T, K]) -> f32[H, T, M] where N == H * M = heads_back[H, M](net.w, x)
fn some[M](w: f32[N, K], x: f32[T, K]) -> f32[T, M] where N == 4 * M { out[t, m: M] = sum[k](x[t, k] * w[4 * m + 1, k]) }
fn p_some[M](net: Net(N, K), x: f32[T, K]) -> f32[T, M] where N == 4 * M = some[M](net.w, x)

let net = Net(84, 40)
let end = Last(58, 33)
let w = net.w
let e = end.w
let x[t: 19, k: 40] ~ normal(0, 1, key: key(2))
let y[t: 19, k: 40] ~ normal(0, 1, key: key(3))
print(norm(p_gated[42](net, x) - gated[42](w, x)), norm(p_gated[42](net, x[4:5])[0] - p_gated[42](net, x)[4]), norm(p_gated[42](net, x)) > 9)
# > 0.0 0.0 true
print(norm(p_last[29](end, x[:, :33]) - last[29](e, x[:, :33])), norm(p_last[29](end, x[4:5, :33])[0] - p_last[29](end, x[:, :33])[4]), norm(p_last[29](end, x[:, :33])) > 9)
# > 0.0 0.0 true
print(norm(p_thirds[28](net, x, y) - thirds[28](w, x, y)), norm(p_thirds[28](net, x[:3], y[:3]) - thirds[28](w, x, y)[:3]), norm(p_thirds[28](net, x, y)) > 9)
# > 0.0 0.0 true
print(norm(p_back(net, x) - back(w, x)), norm(p_back(net, x[4:5])[0] - p_back(net, x)[4]), norm(p_back(net, x)) > 9)
# > 0.0 0.0 true
print(norm(p_heads_back[4, 21](net, x) - heads_back[4, 21](w, x)), norm(p_heads_back[42, 2](net, x) - heads_back[42, 2](w, x)), norm(p_heads_back[12, 7](net, x[:1]) - heads_back[12, 7](w, x[:1])))
# > 0.0 0.0 0.0
print(norm(p_some[21](net, x) - some[21](w, x)), norm(p_some[21](net, x)) > 9)
# > 0.0 true
