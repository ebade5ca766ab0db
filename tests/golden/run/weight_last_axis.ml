# A weight [K, N] that a product reads along its last axis lies in panels, whatever else reads it: the same bits as from a tensor as it lies.
fn drawn[K, N](by: int) -> f32[K, N] { out[k, n] = f32((n * 37 + k * 11 + by) % 101 - 50) / 512 }
fn stack[L, K, N](by: int) -> f32[L, K, N] { out[l, k, n] = f32((l * 59 + n * 37 + k * 11 + by) % 101 - 50) / 512 }
model Conv1D(K, N) { param w: f32[K, N] = drawn[K, N](5) }
model Low(K, N) { param w: bf16[K, N] = bf16(drawn[K, N](7)) }
model Layers(L, K) { param w: f32[L, K, K] = stack[L, K, K](8) }
model Heads(H, K, D) { param w: f32[H, K, D] = stack[H, K, D](3) }

fn on(x: f32[T, K], w: f32[K, N]) -> f32[T, N] { out[t, n] = sum[k](x[t, k] * w[k, n]) }
fn back(y: f32[T, N], w: f32[K, N]) -> f32[T, K] { out[t, k] = sum[n](y[t, n] * w[k, n]) }
fn layer(net: Conv1D(K, N), x: f32[T, K]) -> f32[T, N] = on(x, net.w)
fn there_and_back(net: Conv1D(K, N), x: f32[T, K]) -> f32[T, K] = back(on(x, net.w), net.w)
fn looked_up(net: Conv1D(K, N), x: f32[T, K]) -> f32[T, N] {
    let y = on(x, net.w)
    let r[k] = sum[n](net.w[k, n] ^ 2)
    let c[n] = max[k](abs(net.w[k, n]))
    out[t, n] = y[t, n] * c[n] + net.w[t * 7 % K, n] * r[t % K]
}
fn looked_up_plain(w: f32[K, N], x: f32[T, K]) -> f32[T, N] {
    let y = on(x, w)
    let r[k] = sum[n](w[k, n] ^ 2)
    let c[n] = max[k](abs(w[k, n]))
    out[t, n] = y[t, n] * c[n] + w[t * 7 % K, n] * r[t % K]
}
fn deep(net: Layers(L, K), x: f32[T, K]) -> f32[T, K] {
    var a = x
    for l in 0..L {
        let b[t, n] = sum[k](a[t, k] * net.w[l, k, n]) + a[t, n]
        a = b
    }
    a
}
fn deep_plain(w: f32[L, K, K], x: f32[T, K]) -> f32[T, K] {
    var a = x
    for l in 0..L {
        let b[t, n] = sum[k](a[t, k] * w[l, k, n]) + a[t, n]
        a = b
    }
    a
}
fn by_head(net: Heads(H, K, D), x: f32[T, K]) -> f32[H, T, D] { out[h, t, d] = sum[k](x[t, k] * net.w[h, k, d]) }
fn by_head_plain(w: f32[H, K, D], x: f32[T, K]) -> f32[H, T, D] { out[h, t, d] = sum[k](x[t, k] * w[h, k, d]) }
fn chosen(net: Heads(H, K, D), x: f32[T, K]) -> f32[T, D] { out[t, d] = sum[k](x[t, k] * net.w[t * 5 % H, k, d]) }
fn chosen_plain(w: f32[H, K, D], x: f32[T, K]) -> f32[T, D] { out[t, d] = sum[k](x[t, k] * w[t * 5 % H, k, d]) }
fn low(net: Low(K, N), x: f32[T, K]) -> f32[T, N] { out[t, n] = sum[k](x[t, k] * f32(net.w[k, n])) }
fn low_plain(w: bf16[K, N], x: f32[T, K]) -> f32[T, N] { out[t, n] = sum[k](x[t, k] * f32(w[k, n])) }

fn gated(net: Conv1D(K, N2), x: f32[T, K], y: f32[N]) -> f32[T, N] where N2 == 2 * N {
    out[t, n: N] = sum[k](x[t, k] * net.w[k, n]) * silu(sum[k](x[t, k] * net.w[k, n + N])) + y[n]
}
fn gated_plain(w: f32[K, N2], x: f32[T, K], y: f32[N]) -> f32[T, N] where N2 == 2 * N {
    out[t, n: N] = sum[k](x[t, k] * w[k, n]) * silu(sum[k](x[t, k] * w[k, n + N])) + y[n]
}
fn keys(net: Conv1D(K, N3), x: f32[T, K], y: f32[H, D]) -> f32[H, T, D] where N3 == 3 * H * D {
    out[h, t, d] = sum[k](x[t, k] * net.w[k, H * D + h * D + d]) + y[h, d]
}
fn keys_plain(w: f32[K, N3], x: f32[T, K], y: f32[H, D]) -> f32[H, T, D] where N3 == 3 * H * D {
    out[h, t, d] = sum[k](x[t, k] * w[k, H * D + h * D + d]) + y[h, d]
}

model Filters(K, C, O) { param w: f32[K, C, O] = stack[K, C, O](4) }
fn filtered(net: Filters(K, C, O), x: f32[T, C]) -> f32[T - K + 1, O] where T >= K {
    out[t, o] = sum[i, c](x[t + i, c] * net.w[i, c, o])
}
fn filtered_plain(w: f32[K, C, O], x: f32[T, C]) -> f32[T - K + 1, O] where T >= K {
    out[t, o] = sum[i, c](x[t + i, c] * w[i, c, o])
}

fn same(a: float[.., N], b: float[.., N]) -> float { max(abs(a - b)) }

let one = Conv1D(300, 50)
let w1 = drawn[300, 50](5)
print(same(layer(one, drawn[1, 300](1)), on(drawn[1, 300](1), w1)), same(layer(one, drawn[40, 300](1)), on(drawn[40, 300](1), w1)))
print(same(there_and_back(one, drawn[9, 300](2)), back(on(drawn[9, 300](2), w1), w1)))
print(same(looked_up(one, drawn[9, 300](2)), looked_up_plain(w1, drawn[9, 300](2))))
print(same(one.w, w1))
let net = Layers(3, 47)
print(same(deep(net, drawn[5, 47](2)), deep_plain(stack[3, 47, 47](8), drawn[5, 47](2))))
let heads = Heads(4, 31, 20)
print(same(by_head(heads, drawn[5, 31](2)), by_head_plain(stack[4, 31, 20](3), drawn[5, 31](2))))
print(same(chosen(heads, drawn[70, 31](2)), chosen_plain(stack[4, 31, 20](3), drawn[70, 31](2))))
let half = Low(257, 90)
print(same(low(half, drawn[13, 257](2)), low_plain(bf16(drawn[257, 90](7)), drawn[13, 257](2))))
let qkv = Conv1D(64, 90)
print(same(gated(qkv, drawn[9, 64](2), drawn[1, 45](3)[0]), gated_plain(drawn[64, 90](5), drawn[9, 64](2), drawn[1, 45](3)[0])))
print(same(keys(qkv, drawn[9, 64](2), drawn[3, 10](3)), keys_plain(drawn[64, 90](5), drawn[9, 64](2), drawn[3, 10](3))))
let filters = Filters(3, 21, 40)
print(same(filtered(filters, drawn[9, 21](2)), filtered_plain(stack[3, 21, 40](4), drawn[9, 21](2))))
print(same(filters.w, stack[3, 21, 40](4)))
# > 0.0 0.0
# > 0.0
# > 0.0
# > 0.0
# > 0.0
# > 0.0
# > 0.0
# > 0.0
# > 0.0
# > 0.0
# > 0.0
# > 0.0
