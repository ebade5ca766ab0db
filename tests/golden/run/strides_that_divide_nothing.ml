fn drawn(x: f32[A, B, C, D], n: int) -> f32[A, B, C, D] {
    out[i, j, k, l] = f32((i * 7 + j * 3 + k * 5 + l * 2 + n) % 13) - 6.5
}
fn hash(y: f32[N]) -> f32 = sum[n](y[n] * f32(n % 7 + 1))
# Sizes that no step divides, and steps of both sorts; one picture and none.
fn odd(x: f32[B, C, H, W], w: f32[C, O, 3, 3]) -> f32[B, O, 2 * H - 1, 2 * W + 1] where H >= 1 {
    out[b, o, y, z] = sum[c, i, j | (y + 1 - i) % 2 == 0 and (z - j) % 2 == 0](w[c, o, i, j] * (x[b, c, (y + 1 - i) // 2, (z - j) // 2] ?? 0.0))
}
fn third(x: f32[B, C, H, W], w: f32[C, O, 4, 4]) -> f32[B, O, 3 * H - 2, W] where H >= 1 {
    out[b, o, y, z] = tanh(0.01 * sum[c, i, j | (y + 1 - i) % 3 == 0](w[c, o, i, j] * (x[b, c, (y + 1 - i) // 3, z + j - 2] ?? 0.0)))
}
fn shuffled(x: f32[H, W, C], w: f32[C, 2, 2, O]) -> f32[2 * H - 1, 2 * W - 1, O] where H >= 1, W >= 1 {
    out[y, z, o] = sum[c](w[c, y % 2, z % 2, o] * x[y // 2, z // 2, c])
}
fn turns(x: f32[T, C, H], w: f32[C, C, 3]) -> f32[C, H] {
    var y: f32[C, H] = 0
    for t in 0..T {
        let next[o, k] = y[o, k] + sum[c, i | (k + i) % 2 == 0](w[c, o, i] * (x[t, c, (k + i) // 2 - 1] ?? 0.0))
        y = next
    }
    y
}
let a: f32[2, 3, 5, 4] = 0
let b: f32[3, 2, 4, 4] = 0
let c: f32[2, 40, 5, 7] = 0
let e: f32[40, 33, 4, 4] = 0
let x = drawn(a, 1)
let w = drawn(b, 2)
let x2 = drawn(c, 3)
let w2 = drawn(e, 4)
let p = odd(x, w[:, :, 0:3, 0:3])
print("odd", hash(reshape(p, 2 * 2 * 9 * 9)), p[1, 1, 3])
print("one", odd(x[:, :, 0:1, 0:1], w[:, :, 0:3, 0:3])[1, 0])
print("none", odd(x[0:0], w[:, :, 0:3, 0:3]))
let wide = odd(x2, w2[:, :, 0:3, 0:3])
print("wide", hash(reshape(wide, 2 * 33 * 9 * 15)), wide[1, 32, 8])
print("third", third(x, w)[1, 1, 11:13], third(x2, w2)[1, 32, 12, 3:7])
print("shuffled", shuffled(reshape(x, 6, 5, 4), reshape(w, 4, 2, 2, 6))[9, 7], shuffled(reshape(x, 6, 5, 4)[0:1, 0:1], reshape(w, 4, 2, 2, 6))[0, 0])
print("turns", turns(reshape(x, 2, 3, 20)[:, :, 0:7], reshape(reshape(w, 96)[0:27], 3, 3, 3))[2])
# long
# > odd 2802.0 [30.5, -1.0, 65.5, ..., -75.5, 33.0, 8.5]
# > one [[-32.25, -31.25, -30.25]]
# > none []
# > wide 7.285e+05 [-54.5, -254.5, -52.0, ..., 125.0, -56.0, -258.0]
# > third [[-0.1684, 0.8041, 0.2449, -0.1145],
# >  [0.1732, -0.3649, -0.3452, -0.1071]] [-0.04996, 0.8469, 0.4301, -0.9997]
# > shuffled [-33.5, -61.5, -47.5, -17.0, 39.5, 50.5] [29.0, 28.5, 8.5, -11.5, -1.5, -21.5]
# > turns [-18.5, 35.5, 8.5, ..., -1.0, -29.0, -30.0]
