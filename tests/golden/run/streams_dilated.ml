## Dilated heads: places a multiple of a step away, of a number, an argument (also negative), and one for each head in i32; offsets on either side.
fn by_number(q: f32[T, D], k: f32[S, D]) -> f32[T, D] {
    let p[i, j] = softmax[j | j <= i + S - T and (i + S - T - j) % 3 == 0](sum[d](q[i, d] * k[j, d]))
    out[i, d] = sum[j](p[i, j] * k[j, d])
}
fn by_argument(q: f32[T, D], k: f32[S, D], r: int) -> f32[T, D] where r != 0 {
    let p[i, j] = softmax[j | j <= i + 250 and (j - i - 5) % r == 0](sum[d](q[i, d] * k[j, d]))
    out[i, d] = sum[j](p[i, j] * k[j, d])
}
fn others(q: f32[T, D], k: f32[S, D], r: int) -> f32[T, D] where r >= 1 {
    let p[i, j] = softmax[j | (i - j) % r != 0](sum[d](q[i, d] * k[j, d]))
    out[i, d] = sum[j](p[i, j] * k[j, d])
}
fn by_head(q: f32[T, D], k: f32[S, D], r: i32[H]) -> f32[H, T, D] {
    let p[h: H, i, j] = softmax[j | j <= i + S - T and (i - j) % r[h] == 0](sum[d](q[i, d] * k[j, d]))
    out[h, i, d] = sum[j](p[h, i, j] * k[j, d])
}
let q[i: 40, d: 6] = f32((i * 7 + d * 5) % 23) * 0.1 - 1.0
let k[j: 300, d: 6] = f32((j * 5 + d * 13) % 17) / 9.0 - 1.0
print(by_number(q, k)[39, :3], by_number(q[:1], k)[0, :3])
print(by_argument(q, k, 7)[39, :3], by_argument(q, k, -4)[39, :3], by_argument(q, k, 1000)[0])
print(others(q, k, 2)[39, :3], others(q, k, 1)[39, :3])
print(by_head(q, k, i32([1, 2, 5, 400]))[:, 39, :2])
print(by_head(q, k, i32([1, 0])))
# > [0.2743, -0.08367, -0.3863] [-0.213, -0.4624, -0.006318]
# > [0.3259, -0.05108, -0.3972] [0.2716, -0.0875, -0.3929] [-0.1111, -0.5556, -1.0, 0.4444, 0.0, -0.4444]
# > [0.28, -0.07963, -0.3929] [0.0, 0.0, 0.0]
# > [[0.2827, -0.07876],
# >  [0.2854, -0.0779],
# >  [0.2577, -0.08928],
# >  [-0.1111, -0.5556]]
# status: 1
# stderr: division by zero
