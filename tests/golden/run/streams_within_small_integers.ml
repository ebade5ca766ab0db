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

let q[h: 3, i: 300, d: 4] = f32((h * 7 + d * 3 + i * 5) % 23) * 0.1 - 1.0
let k[h: 3, j: 700, d: 4] = f32((h * 5 + d * 13 + j * 2) % 17) / 9.0 - 1.0
let m[h: 3, g: 3] = f32(h * 3 - g) * 0.25
let least = i32(-2147483648)
let first[i: 300] = i32(i * 2)
print(norm(windowed(q, k, i32([10, 300, 1]))), windowed(q, k, i32([10, 300, 1]))[0, 299])
print(norm(windowed(q, k, [least, i32(0), i32(2147483647)])), windowed(q, k, [least + 100, least, least])[0, 299])
print(norm(mixed(q, k, m, i32([10, 200, 1]))), mixed(q, k, m, i32([10, 200, 1]))[1, 299])
print(norm(mixed(q, k, m, [least + 100, i32(3), i32(0)])), mixed(q, k, m, [least + 100, i32(3), i32(0)])[0, 290])
print(norm(lengths(q, k, i32([700, 260, 0]), first)), lengths(q, k, i32([700, 260, 0]), first)[1, 120])
print(norm(lengths(q, k, i32([5000, -3, 599]), first)), lengths(q, k, i32([5000, -3, 599]), first)[2, 299])
# long
# > 22.13 [-0.3027, -0.2405, -0.07046, -0.02283]
# > 10.57 [-0.2823, -0.26, -0.06188, 0.008192]
# > 21.51 [-0.03777, -0.2143, -0.2416, 0.05695]
# > 14.98 [-0.0399, 0.02293, -0.153, -0.2199]
# > 8.696 [-0.1862, -0.1919, -0.07619, 0.1039]
# > 10.37 [0.7778, 0.3333, -0.1111, -0.5556]
