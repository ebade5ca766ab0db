# Windows and lengths of 32 bits bound tiles, more rows than one has, and blocks; where a difference wraps, all or no place is allowed, as the numbers say.
fn windowed(q: f32[H, T, D], k: f32[H, S, D], w: i32[H]) -> f32[H, T, D] {
    let p[h, i, j] = softmax[j | j <= i and j > i32(i) - w[h]](sum[d](q[h, i, d] * k[h, j, d]))
    out[h, i, d] = sum[j](p[h, i, j] * k[h, j, d])
}
fn mixed(q: f32[H, T, D], k: f32[H, S, D], m: f32[H, H], w: i32[H]) -> f32[H, T, D] {
    let a[h, i, j] = sum[d](q[h, i, d] * k[h, j, d])
    let s[h, i, j] = sum[g](m[h, g] * a[g, i, j])
    let p[h, i, j] = softmax[j | j > i32(i) - w[h] and j <= i](s[h, i, j])
    out[h, i, d] = sum[j](p[h, i, j] * k[h, j, d])
}
fn lengths(q: f32[H, T, D], k: f32[H, S, D], n: i32[H], first: i32[T]) -> f32[H, T, D] {
    let p[h, i, j] = softmax[j | j < n[h] and j >= first[i]](sum[d](q[h, i, d] * k[h, j, d]))
    out[h, i, d] = sum[j](p[h, i, j] * k[h, j, d])
}

let q[h: 3, i: 150, d: 4] = f32((h * 7 + d * 3 + i * 5) % 23) * 0.1 - 1.0
let k[h: 3, j: 600, d: 4] = f32((h * 5 + d * 13 + j * 2) % 17) / 9.0 - 1.0
let m[h: 3, g: 3] = f32(h * 3 - g) * 0.25
let least = i32(-2147483648)
let first[i: 150] = i32(i * 4)
let r1 = windowed(q, k, i32([10, 150, 1]))
print(norm(r1), r1[0, 149])
print(norm(windowed(q, k, [least, i32(0), i32(2147483647)])), windowed(q, k, [least + 100, least, least])[0, 149])
let r2 = mixed(q, k, m, i32([10, 200, 1]))
print(norm(r2), r2[1, 149])
let r3 = mixed(q, k, m, [least + 100, i32(3), i32(0)])
print(norm(r3), r3[0, 140])
let r4 = lengths(q, k, i32([600, 260, 0]), first)
print(norm(r4), r4[1, 60])
let r5 = lengths(q, k, i32([5000, -3, 599]), first)
print(norm(r5), r5[2, 149])
# long
# > 15.77 [-0.1982, -0.1753, -0.02304, 0.08539]
# > 7.708 [-0.2521, -0.1813, 0.03223, 0.04802]
# > 15.32 [0.08702, -0.02146, -0.08835, -0.3363]
# > 10.37 [-0.2611, -0.06287, 0.03309, -0.1515]
# > 6.188 [-0.1902, -0.2005, -0.08439, 0.09861]
# > 7.377 [0.4859, 0.04143, -0.403, -0.8475]
