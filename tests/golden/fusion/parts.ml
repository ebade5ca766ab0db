# Extents that depend on an index further out are summed over it: the parts of a reduction are the whole, a triangle is half of the square.
export fn loss(x: f32[B, D]) -> f32 = sum(exp(x))
export fn triangle(x: f32[N]) -> f32[N] { out[i] = sum[j: 0..i + 1](exp(x[j]) * f32(i)) }
# >       2 * B * D operations, reads 4 * B * D bytes, writes 4 * ((B * D + 255) // 256) bytes
# >       3 * N + 3 * ((N ^ 2 - N) // 2) operations, reads 4 * N bytes, writes 4 * N bytes

# Along the rows of a square picture and along its columns: axes of one size, but what rows of a tile have in common differs. A pass each.
export fn axial(q: f32[H, R, R, D], k: f32[H, R, R, D], v: f32[H, R, R, D]) -> f32[H, R, R, D] {
    let pr[h, y, x, j] = softmax[j](sum[d](q[h, y, x, d] * k[h, y, j, d]))
    let pc[h, y, x, j] = softmax[j](sum[d](q[h, y, x, d] * k[h, j, x, d]))
    out[h, y, x, d] = sum[j](pr[h, y, x, j] * v[h, y, j, d]) + sum[j](pc[h, y, x, j] * v[h, j, x, d])
}
# > axial (parts.ml:8:1)
# >       loops: stream[j: R] (max, sum, sum)
# >       loops: stream[j: R] (max, sum, sum)
