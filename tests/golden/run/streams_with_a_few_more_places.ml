## A softmax over scores with a few more places, which are dropped behind it, or not: sinks of a head, learned scores, before or behind; masked by -inf, by a guard, not at all.
fn dropped(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], sink: f32[H]) -> f32[H, T, D] {
    let s[h, i, j] = if j <= i + S - T { sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D) } else { -inf }
    let extra[h, i: T, o: 1] = sink[h]
    let w = softmax(concat(s, extra, axis: -1), axis: -1)
    let p = w[:, :, :S]
    out[h, i, d] = sum[j](p[h, i, j] * v[h, j, d])
}
fn dropped_parts(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], sink: f32[H]) -> f32[H, T, D] {
    let s[h, i, j] = sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D)
    let m[h, i] = max(sink[h], max[j | j <= i + S - T](s[h, i, j]))
    let z[h, i] = exp(sink[h] - m[h, i]) + sum[j | j <= i + S - T](exp(s[h, i, j] - m[h, i]))
    out[h, i, d] = sum[j | j <= i + S - T](exp(s[h, i, j] - m[h, i]) / z[h, i] * v[h, j, d])
}
fn by_hand(q: f32[H, T, D], k: f32[H, S, D], v: f32[H, S, D], sink: f32[H]) -> f32[H, T, D] {
    let s[h, i, j] = if j <= i + S - T { sum[d](q[h, i, d] * k[h, j, d]) / sqrt(D) } else { -inf }
    let m[h, i] = max(max[j](s[h, i, j]), sink[h])
    let z[h, i] = exp(sink[h] - m[h, i]) + sum[j](exp(s[h, i, j] - m[h, i]))
    out[h, i, d] = sum[j](exp(s[h, i, j] - m[h, i]) / z[h, i] * v[h, j, d])
}
## Three in front, of which each row has its own; their values are zeros.
fn in_front(q: f32[T, D], k: f32[S, D], v: f32[S, D], g: f32[T, 3]) -> f32[T, D] {
    let p = softmax(concat(g, q @ k.T, axis: -1), axis: -1)
    p[:, 3:] @ v
}
fn in_front_parts(q: f32[T, D], k: f32[S, D], v: f32[S, D], g: f32[T, 3]) -> f32[T, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let m[i] = max(max[a](g[i, a]), max[j](s[i, j]))
    let z[i] = sum[a](exp(g[i, a] - m[i])) + sum[j](exp(s[i, j] - m[i]))
    out[i, d] = sum[j](exp(s[i, j] - m[i]) / z[i] * v[j, d])
}
## Their values count, too.
fn kept(q: f32[T, D], k: f32[S, D], v: f32[S, D], b: f32[T], u: f32[D]) -> f32[T, D] {
    let e[i, o: 1] = b[i]
    let l[o: 1, d] = u[d]
    softmax(concat(q @ k.T, e, axis: -1), axis: -1) @ concat(v, l, axis: 0)
}
fn kept_parts(q: f32[T, D], k: f32[S, D], v: f32[S, D], b: f32[T], u: f32[D]) -> f32[T, D] {
    let s[i, j] = exp(sum[d](q[i, d] * k[j, d]))
    let z[i] = exp(b[i]) + sum[j](s[i, j])
    out[i, d] = (sum[j](s[i, j] * v[j, d]) + exp(b[i]) * u[d]) / z[i]
}
fn apart(a: f32[H, T, D], b: f32[H, T, D]) -> bool = all[h, i, d](abs(a[h, i, d] - b[h, i, d]) < 0.00001)
fn apart2(a: f32[T, D], b: f32[T, D]) -> bool = all[i, d](abs(a[i, d] - b[i, d]) < 0.00001)

let q[h: 2, i: 40, d: 4] = f32((h * 7 + d * 3 + i * 5) % 23) * 0.1 - 1.0
let k[h: 2, i: 270, d: 4] = f32((h * 5 + d * 13 + i * 2) % 17) / 9.0 - 1.0
let v[h: 2, i: 270, d: 4] = f32((h * 5 + d * 13 + i * 7) % 19) / 9.0 - 1.0
let sink = [0.5, -30.0]
let o = dropped(q, k, v, sink)
print(o[1, 39], apart(o, dropped_parts(q, k, v, sink)), apart(by_hand(q, k, v, sink), dropped_parts(q, k, v, sink)))
print(apart(dropped(q[:, :3], k, v, sink), dropped_parts(q[:, :3], k, v, sink)), apart(dropped(q, k[:, :9], v[:, :9], sink), dropped_parts(q, k[:, :9], v[:, :9], sink)))
print(apart(dropped(q[:, :20], k[:, :0], v[:, :0], sink), dropped_parts(q[:, :20], k[:, :0], v[:, :0], sink)), apart(dropped(q, k[:, :9], v[:, :9], [inf, -9.0]), dropped_parts(q, k[:, :9], v[:, :9], [inf, -9.0])))
# A sink of -inf is none; rows without a place have NaN then, and where a masked value is infinite it is 0 times that.
let low = [-inf, -inf]
let big[h: 2, i: 270, d: 4] = if i == 250 { inf } else { v[h, i, d] }
print(apart(dropped(q, k, v, low), dropped_parts(q, k, v, low)), dropped(q, k[:, :39], v[:, :39], low)[0, 0], dropped(q, k, big, sink)[0, 19], dropped(q, k, big, sink)[0, 20])
print(by_hand(q, k[:, :39], v[:, :39], low)[0, 0], by_hand(q, k, big, sink)[0, 19], by_hand(q, k, big, sink)[0, 20])
let g[i: 40, a: 3] = 0.3 * f32(i % 7) - f32(a)
let b[i: 40] = 0.4 * f32(i % 5)
print(apart2(in_front(q[0], k[0], v[0], g), in_front_parts(q[0], k[0], v[0], g)), apart2(kept(q[0], k[0], v[0], b, v[1, 3]), kept_parts(q[0], k[0], v[0], b, v[1, 3])))
print(apart2(in_front(q[0, :2], k[0, :0], v[0, :0], g[:2]), in_front_parts(q[0, :2], k[0, :0], v[0, :0], g[:2])), apart2(kept(q[0, :2], k[0, :0], v[0, :0], b[:2], v[1, 3]), kept_parts(q[0, :2], k[0, :0], v[0, :0], b[:2], v[1, 3])))
# > [-0.01067, -0.003824, -0.00638, -0.009997] true true
# > true true
# > true false
# > true [nan, nan, nan, nan] [nan, nan, nan, nan] [inf, inf, inf, inf]
# > [nan, nan, nan, nan] [nan, nan, nan, nan] [inf, inf, inf, inf]
# > true true
# > true true
