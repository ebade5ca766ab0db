# A weight that is summed across its rows and along them is read in one packed form: the same bits as from a tensor as it lies, whatever the sizes and rows.
fn drawn[N, K](by: int) -> f32[N, K] { out[n, k] = f32((n * 37 + k * 11 + by) % 101 - 50) / 512 }
fn stack[L, N, K](by: int) -> f32[L, N, K] { out[l, n, k] = f32((l * 59 + n * 37 + k * 11 + by) % 101 - 50) / 512 }
model Lin(N, K) { param w: f32[N, K] = drawn[N, K](5) }
model Half(N, K) { param w: f16[N, K] = f16(drawn[N, K](6)) }
model Low(N, K) { param w: bf16[N, K] = bf16(drawn[N, K](7)) }
model Heads(L, H, D, K) { param w: f32[L, H * D, K] = stack[L, H * D, K](8) }

fn there(x: f32[T, K], w: f32[N, K]) -> f32[T, N] { out[t, n] = sum[k](x[t, k] * w[n, k]) }
fn back(y: f32[T, N], w: f32[N, K]) -> f32[T, K] { out[t, k] = sum[n](y[t, n] * w[n, k]) }
fn turned(y: f32[N, T], w: f32[N, K]) -> f32[K, T] { out[k, t] = sum[n](w[n, k] * y[n, t]) }
fn aside(x: f32[K, T], w: f32[N, K]) -> f32[N, T] { out[n, t] = sum[k](w[n, k] * x[k, t]) }
fn both(net: Lin(N, K), x: f32[T, K]) -> f32[T, K] = back(there(x, net.w), net.w)
fn all_ways(net: Lin(N, K), x: f32[T, K]) -> f32[T, K] {
    let y = there(x, net.w)
    let yt[n, t] = y[t, n]
    let a = aside(turned(yt, net.w), net.w)
    out[t, k] = sum[n](a[n, t] * net.w[n, k]) + sum[n](max(y[t, n], 0) * net.w[n, k])
}
fn all_plain(w: f32[N, K], x: f32[T, K]) -> f32[T, K] {
    let y = there(x, w)
    let yt[n, t] = y[t, n]
    let a = aside(turned(yt, w), w)
    out[t, k] = sum[n](a[n, t] * w[n, k]) + sum[n](max(y[t, n], 0) * w[n, k])
}
fn both_half(net: Half(N, K), x: f16[T, K]) -> f16[T, K] {
    let y[t, n] = sum[k](x[t, k] * net.w[n, k])
    out[t, k] = sum[n](y[t, n] * net.w[n, k])
}
fn plain_half(w: f16[N, K], x: f16[T, K]) -> f16[T, K] {
    let y[t, n] = sum[k](x[t, k] * w[n, k])
    out[t, k] = sum[n](y[t, n] * w[n, k])
}
fn both_low(net: Low(N, K), x: f32[T, K]) -> f32[T, K] {
    let y[t, n] = sum[k](x[t, k] * f32(net.w[n, k]))
    out[t, k] = sum[n](y[t, n] * f32(net.w[n, k]))
}
fn plain_low(w: bf16[N, K], x: f32[T, K]) -> f32[T, K] {
    let y[t, n] = sum[k](x[t, k] * f32(w[n, k]))
    out[t, k] = sum[n](y[t, n] * f32(w[n, k]))
}
# One layer after the other, and back; the sum over heads and features goes along what the panels cut in pieces.
fn layers(net: Heads(L, H, D, K), x: f32[T, K]) -> f32[T, K] {
    var h = x
    for l in 0..L {
        let y[t, n] = sum[k](h[t, k] * net.w[l, n, k])
        let z[t, k] = sum[g: H, d: D](y[t, g * D + d] * net.w[l, g * D + d, k])
        let v[t, k] = sum[n](y[t, n] * net.w[l, n, k])
        h = z * 0.25 + v
    }
    h
}
fn layers_plain[H, D](w: f32[L, H * D, K], x: f32[T, K]) -> f32[T, K] {
    var h = x
    for l in 0..L {
        let y[t, n] = sum[k](h[t, k] * w[l, n, k])
        let z[t, k] = sum[g: H, d: D](y[t, g * D + d] * w[l, g * D + d, k])
        let v[t, k] = sum[n](y[t, n] * w[l, n, k])
        h = z * 0.25 + v
    }
    h
}
fn same(a: f32[T, K], b: f32[T, K]) -> bool = all[t, k](abs(a[t, k] - b[t, k]) <= 0 and abs(a[t, k]) < 1000) and any[t, k](abs(a[t, k]) > 0.001)
fn rows(net: Lin(N, K), x: f32[T, K], y: f32[T, K]) -> int {
    var wrong = 0
    for t in 0..T { wrong += int(not same(both(net, x[t : t + 1]), y[t : t + 1])) }
    wrong
}

let a = Lin(17, 33)
let b = Lin(300, 100)
let c = Lin(256, 16)
let d = Lin(270, 265)
let x[t: 19, k: 290] = f32((t * 53 + k * 29) % 113 - 56) / 64
let xd = x[:, :265]
let y = both(d, xd)
let wa = a.w      # tensors of their own, as they lie
let wb = b.w
let wc = c.w
let wd = d.w
print(same(both(a, x[:, :33]), back(there(x[:, :33], wa), wa)), same(both(b, x[:, :100]), back(there(x[:, :100], wb), wb)))
print(same(both(c, x[:, :16]), back(there(x[:, :16], wc), wc)), same(y, back(there(xd, wd), wd)), rows(d, xd, y))
print(same(all_ways(a, x[:, :33]), all_plain(wa, x[:, :33])), same(all_ways(b, x[:5, :100]), all_plain(wb, x[:5, :100])), same(all_ways(d, xd), all_plain(wd, xd)))
let h = Half(70, 290)
let l = Low(70, 290)
let s = Heads(2, 6, 24, 144)
let wh = h.w
let wl = l.w
let ws = s.w
print(same(f32(both_half(h, f16(x))), f32(plain_half(wh, f16(x)))), same(f32(both_half(h, f16(x[:3]))), f32(plain_half(wh, f16(x[:3])))))
print(same(both_low(l, x), plain_low(wl, x)), same(both_low(l, x[:1]), plain_low(wl, x[:1])))
print(same(layers(s, x[:, :144]), layers_plain[6, 24](ws, x[:, :144])), same(layers(s, x[:2, :144]), layers_plain[6, 24](ws, x[:2, :144])))
# long
# > true true
# > true true 0
# > true true true
# > true true
# > true true
# > true true
