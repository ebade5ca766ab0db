# Products with parts of a weight (halves, heads in a row, heads with others between) have the bits that they have with a tensor as any, wherever they begin.
fn drawn[N, I](by: int) -> f32[N, I] { out[n, i] = f32((n * 37 + i * 11 + by) % 101 - 50) / 512 }
model Lin(N, I) { param w: f32[N, I] = drawn[N, I](5) }
model Half(N, I) { param w: f16[N, I] = f16(drawn[N, I](6)) }
model Low(N, I) { param w: bf16[N, I] = bf16(drawn[N, I](8)) }
model Byte(N, I) { param w: i8[N, I] = i8(512 * drawn[N, I](7)) }
fn gated[N](w: f32[N2, I], x: f32[T, I]) -> f32[T, N] where N2 == 2 * N {
    out[t, n: N] = sum[i](x[t, i] * w[n, i]) * silu(sum[i](x[t, i] * w[n + N, i]))
}
fn of_gated[N](net: Lin(N2, I), x: f32[T, I]) -> f32[T, N] where N2 == 2 * N {
    out[t, n: N] = sum[i](x[t, i] * net.w[n, i]) * silu(sum[i](x[t, i] * net.w[n + N, i]))
}
fn heads[H, K](w: f32[N, I], x: f32[B, T, I]) -> f32[B, H, T, K] where N == H * K {
    out[b, h, t, d] = 2 + sum[i](x[b, t, i] * w[h * K + d, i])
}
fn of_heads[H, K](net: Lin(N, I), x: f32[B, T, I]) -> f32[B, H, T, K] where N == H * K {
    out[b, h, t, d] = 2 + sum[i](x[b, t, i] * net.w[h * K + d, i])
}
fn middle[H, K](w: f32[N, I], x: f32[B, T, I]) -> f32[B, H, T, K] where N == 3 * H * K {
    out[b, h, t, d] = sum[i](x[b, t, i] * w[H * K + h * K + d, i])
}
fn of_middle[H, K](net: Lin(N, I), x: f32[B, T, I]) -> f32[B, H, T, K] where N == 3 * H * K {
    out[b, h, t, d] = sum[i](x[b, t, i] * net.w[H * K + h * K + d, i])
}
fn between[H, K](w: f32[N, I], x: f32[B, T, I]) -> f32[B, H, T, K] where N == 3 * H * K {
    out[b, h, t, d] = sum[i](x[b, t, i] * w[(h * 3 + 2) * K + d, i]) - sum[i](x[b, t, i] * w[(h * 3 + 1) * K + d, i])
}
fn of_between[H, K](net: Lin(N, I), x: f32[B, T, I]) -> f32[B, H, T, K] where N == 3 * H * K {
    out[b, h, t, d] = sum[i](x[b, t, i] * net.w[(h * 3 + 2) * K + d, i]) - sum[i](x[b, t, i] * net.w[(h * 3 + 1) * K + d, i])
}
fn blocks[H, K](w: f32[N, I], x: f32[B, T, I]) -> f32[T, H, K] where N == H * K and B >= H {
    out[t, h: H, d] = sum[i](x[h, t, i] * w[h * K + d, i])
}
fn of_blocks[H, K](net: Lin(N, I), x: f32[B, T, I]) -> f32[T, H, K] where N == H * K and B >= H {
    out[t, h: H, d] = sum[i](x[h, t, i] * net.w[h * K + d, i])
}
fn groups[G, H, K](w: f32[N, I], x: f32[B, T, I]) -> f32[T, G, H, K] where N == 2 * G * H * K and B >= 2 {
    out[t, g, h, d] = sum[i](x[1, t, i] * w[((G + g) * H + h) * K + d, i])
}
fn of_groups[G, H, K](net: Lin(N, I), x: f32[B, T, I]) -> f32[T, G, H, K] where N == 2 * G * H * K and B >= 2 {
    out[t, g, h, d] = sum[i](x[1, t, i] * net.w[((G + g) * H + h) * K + d, i])
}
fn half[N](w: f16[N2, I], x: f32[T, I]) -> f32[T, N] where N2 == 2 * N {
    out[t, n] = sum[i](x[t, i] * f32(w[n + N, i]))
}
fn of_half[N](net: Half(N2, I), x: f32[T, I]) -> f32[T, N] where N2 == 2 * N {
    out[t, n] = sum[i](x[t, i] * f32(net.w[n + N, i]))
}
fn low[N](w: bf16[N2, I], x: f32[T, I]) -> f32[T, N] where N2 == 2 * N {
    out[t, n: N] = sum[i](x[t, i] * f32(w[n, i])) * sigmoid(sum[i](x[t, i] * f32(w[n + N, i])))
}
fn of_low[N](net: Low(N2, I), x: f32[T, I]) -> f32[T, N] where N2 == 2 * N {
    out[t, n: N] = sum[i](x[t, i] * f32(net.w[n, i])) * sigmoid(sum[i](x[t, i] * f32(net.w[n + N, i])))
}
fn byte[N](w: i8[N2, I], x: f32[T, I]) -> f32[T, N] where N2 == 2 * N {
    out[t, n] = sum[i](x[t, i] * f32(w[n + N, i]))
}
fn of_byte[N](net: Byte(N2, I), x: f32[T, I]) -> f32[T, N] where N2 == 2 * N {
    out[t, n] = sum[i](x[t, i] * f32(net.w[n + N, i]))
}

let x[b: 5, t: 41, i: 70] = f32((b * 13 + t * 53 + i * 29) % 113 - 56) / 64
let a = Lin(74, 40)
let b = Lin(126, 70)
let c = Lin(96, 33)
let h = Half(42, 70)
let l = Low(42, 70)
let y = Byte(42, 70)
let wa = a.w      # tensors of their own, as they lie
let wb = b.w
let wc = c.w
let wh = h.w
let wl = l.w
let wy = y.w
print(norm(of_gated[37](a, x[0, :, :40]) - gated[37](wa, x[0, :, :40])), norm(of_gated[37](a, x[1, 2:3, :40]) - gated[37](wa, x[1, 2:3, :40])))
# > 0.0 0.0
print(norm(of_gated[48](c, x[1, :5, :33]) - gated[48](wc, x[1, :5, :33])), norm(of_gated[63](b, x[3, :17, :]) - gated[63](wb, x[3, :17, :])))
# > 0.0 0.0
print(norm(of_half[21](h, x[0, :3, :]) - half[21](wh, x[0, :3, :])), norm(of_half[21](h, x[0]) - half[21](wh, x[0])))
# > 0.0 0.0
print(norm(of_byte[21](y, x[0, :3, :]) - byte[21](wy, x[0, :3, :])), norm(of_byte[21](y, x[0]) - byte[21](wy, x[0])))
# > 0.0 0.0
print(norm(of_low[21](l, x[0, :3, :]) - low[21](wl, x[0, :3, :])), norm(of_low[21](l, x[0]) - low[21](wl, x[0])))
# > 0.0 0.0
print(norm(of_heads[6, 21](b, x) - heads[6, 21](wb, x)), norm(of_heads[37, 2](a, x[:, :1, :40]) - heads[37, 2](wa, x[:, :1, :40])))
# > 0.0 0.0
print(norm(of_heads[6, 16](c, x[:2, :7, :33]) - heads[6, 16](wc, x[:2, :7, :33])), norm(of_heads[1, 96](c, x[:1, :7, :33]) - heads[1, 96](wc, x[:1, :7, :33])))
# > 0.0 0.0
print(norm(of_middle[2, 21](b, x) - middle[2, 21](wb, x)), norm(of_middle[42, 1](b, x[:, :3, :]) - middle[42, 1](wb, x[:, :3, :])))
# > 0.0 0.0
print(norm(of_middle[2, 16](c, x[:2, :7, :33]) - middle[2, 16](wc, x[:2, :7, :33])))
# > 0.0
print(norm(of_between[2, 21](b, x) - between[2, 21](wb, x)), norm(of_between[6, 7](b, x[:, :1, :]) - between[6, 7](wb, x[:, :1, :])))
# > 0.0 0.0
print(norm(of_between[2, 16](c, x[:2, :17, :33]) - between[2, 16](wc, x[:2, :17, :33])), norm(of_between[32, 1](c, x[:2, :17, :33]) - between[32, 1](wc, x[:2, :17, :33])))
# > 0.0 0.0
print(norm(of_blocks[3, 42](b, x) - blocks[3, 42](wb, x)), norm(of_blocks[2, 37](a, x[:, :1, :40]) - blocks[2, 37](wa, x[:, :1, :40])))
# > 0.0 0.0
print(norm(of_groups[3, 3, 7](b, x) - groups[3, 3, 7](wb, x)), norm(of_groups[3, 2, 8](c, x[:, :1, :33]) - groups[3, 2, 8](wc, x[:, :1, :33])))
# > 0.0 0.0
print(norm(of_groups[1, 24, 2](c, x[:, :, :33]) - groups[1, 24, 2](wc, x[:, :, :33])))
# > 0.0
print(norm(of_between[2, 21](b, x)) > 1, norm(of_middle[42, 1](b, x)) > 1, norm(of_groups[3, 3, 7](b, x)) > 1, norm(of_gated[63](b, x[0])) > 0.01)
# > true true true true
print(norm(of_between[2, 21](b, x)[3, :, 7] - of_between[2, 21](b, x[3:4, 7:8, :])[0, :, 0]))
# > 0.0
print(norm(of_gated[37](a, x[0, :, :40])[9] - of_gated[37](a, x[0, 9:10, :40])[0]))
# > 0.0
# long
