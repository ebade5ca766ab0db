# An index that is divided or asked for its residue in a sum of products: transposed convolutions, groups, products of pictures that grow.
fn plain(x: f32[B, C, H, W], w: f32[C, O, 4, 4]) -> f32[B, O, 2 * H, 2 * W] {
    out[b, o, y, z] = sum[c, i, j | (y + 1 - i) % 2 == 0 and (z + 1 - j) % 2 == 0](w[c, o, i, j] * (x[b, c, (y + 1 - i) // 2, (z + 1 - j) // 2] ?? 0.0))
}
fn thirds(x: f32[C, H], w: f32[C, O, 3]) -> f32[O, 3 * H] {
    out[o, y] = tanh(sum[c, i | (y - i) % 3 == 0](w[c, o, i] * (x[c, (y - i) // 3] ?? 0.0)))
}
fn forward(x: f32[C, 2 * H], w: f32[C, O, 6]) -> f32[O, 2 * H] {
    out[o, y] = sum[c, i | (i + y) % 2 == 1](w[c, o, i] * (x[c, y + i - 3] ?? 1.0))
}
fn twice(x: f32[C, H, W], w: f32[C, O, 2, 2]) -> f32[O, 2 * H, 2 * W] {
    out[o, y, z] = sum[c](w[c, o, y % 2, z % 2] * x[c, y // 2, z // 2])
}
fn near(x: f32[C, H], w: f32[O, C, 3]) -> f32[O, 2 * H] {
    out[o, y] = sum[c, i](w[o, c, i] * (x[c, (y + i - 1) // 2] ?? 0.0))
}
fn groups(x: f32[B, G * C, H], w: f32[G * O, C, 3]) -> f32[B, G * O, H] where O >= 1 {
    out[b, o, y] = sum[c, i](w[o, c, i] * (x[b, (o // O) * C + c, y + i - 1] ?? 0.0))
}
fn heads(x: f32[T, D], w: f32[H * K, D], s: f32[H]) -> f32[T, H * K] where K >= 1 {
    out[t, n] = s[n // K] * sum[d](x[t, d] * w[n, d])
}
fn steps(x: f32[T, C, H], w: f32[C, C, 4]) -> f32[T, C, 2 * H] {
    var y: f32[C, 2 * H] = 0
    var all: f32[T, C, 2 * H] = 0
    for t in 0..T {
        let next[o, k] = y[o, k] + sum[c, i | (k + i) % 2 == 0](w[c, o, i] * (x[t, c, (k + i) // 2 - 1] ?? 0.0))
        y = next
        all[t] = next
    }
    all
}
fn counts(l: i32[N], k: int) -> i64[k] {
    out[j: k] = count[i](l[i] == j)
}
fn met(l: i32[N], m: bool[N], k: int) -> bool[k] {
    out[j: k] = any[i](l[i] == j and m[i])
}
fn bag(e: f32[V, D], t: i32[B, L]) -> f32[B, D] {
    out[b, d] = sum[l](e[t[b, l], d])
}
fn weighted(x: f32[N, D], w: f32[B, N]) -> f32[B, D] {
    out[b, d] = sum[n](abs(w[b, n] - x[n, d]))
}

let a2: f32[2, 3, 5, 4] = 0
let w2: f32[3, 2, 4, 4] = 0
fn drawn(x: f32[A, B, C, D], n: int) -> f32[A, B, C, D] {
    out[i, j, k, l] = f32((i * 7 + j * 3 + k * 5 + l * 2 + n) % 13) - 6.5
}
let x4 = drawn(a2, 1)
let w4 = drawn(w2, 2)
fn hash(y: f32[N]) -> f32 = sum[n](y[n] * f32(n % 7 + 1))
let p = plain(x4, w4)
print("plain", hash(reshape(p, 320)), p[1, 1, 3])
let th = thirds(x4[0, :, 0] * 0.05, w4[:, :, 0, 0:3] * 0.05)
print("thirds", th[1])
let g6 = forward(x4[0, :, 0], reshape(w4[:, :, 0:3, 0:2], 3, 2, 6))
print("forward", g6)
print("twice", twice(x4[0], w4[:, :, 0:2, 0:2])[1, 3:5])
print("near", near(x4[0, :, 0], reshape(w4[0:2, 0:2, 0:3, 0:1], 2, 2, 3)[:, 0:1] + zeros(2, 3, 3)))
let xg: f32[2, 4, 5] = reshape(x4[:, 0:2, :, 0:2], 2, 4, 5)
print("groups", groups(xg, reshape(w4, 4, 2, 12)[:, :, 0:3])[1])
print("heads", heads(x4[0, 0], reshape(w4, 24, 4)[0:6], [1.0, 2.0]))
print("steps", steps(reshape(x4, 2, 3, 20)[:, :, 0:3], reshape(reshape(w4, 96)[0:36], 3, 3, 4))[1, 2])
let label = i32([2, 0, 2, 7, -1, 1, 2])
let flag = [true, false, false, true, true, true, false]
print("counts", counts(label, 4), met(label, flag, 4))
print("bag", bag(x4[0, 0], i32([[0, 4, 4], [1, 2, 3]])), weighted(x4[0, 0], reshape(w4, 12, 8)[0:2, 0:5]))
# > plain 3237.0 [-1.0, 65.5, -6.0, ..., -75.5, 14.0, 8.5]
# > thirds [-0.01437, 0.02937, -0.008125, ..., 0.05432, -0.07175, -0.08418]
# > forward [[-12.5, -32.0, 0.0, 13.0],
# >  [-32.0, -12.5, -26.0, 0.0]]
# > twice [[16.75, -39.75, -30.75, ..., 45.25, 23.75, 42.25],
# >  [-35.75, 28.75, -9.25, ..., 8.25, 4.75, 1.25]]
# > near [[-45.0, 21.75, 24.75, ..., -31.75, -35.25, 10.0],
# >  [45.0, 23.25, -9.75, ..., -12.25, 26.25, 7.5]]
# > groups [[-0.5, -7.0, -15.5, 26.0, 36.5],
# >  [-12.5, -35.5, -29.0, 30.5, 57.5],
# >  [-4.5, 83.0, 42.5, 13.0, -10.0],
# >  [2.5, 87.0, 68.5, 13.0, -7.0]]
# > heads [[35.0, -21.5, -6.5, 30.0, 10.0, -64.0],
# >  [5.0, -16.5, -31.5, 50.0, 70.0, -64.0],
# >  [-5.5, -18.0, 80.0, -47.0, -65.0, 27.0],
# >  [23.0, -19.5, -16.5, 38.0, 34.0, -64.0],
# >  [-26.5, 70.0, -22.0, -33.0, -23.0, 27.0]]
# > steps [35.5, 39.5, 17.5, -52.0, -44.0, -25.0]
# > counts [1, 1, 3, 0] [false, true, true, false]
# > bag [[-2.5, 3.5, 9.5, -10.5],
# >  [0.5, -6.5, -0.5, 5.5]] [[14.0, 17.0, 19.0, 22.0],
# >  [30.0, 25.0, 27.0, 24.0]]
