# Neighbourhood attention in two dimensions: the library's form and the formula over all keys with a guard agree.
import std.attention: near_attention2d

fn formula(q: f32[B, H, Y, X, D], k: f32[B, G, Y, X, D], v: f32[B, G, Y, X, E], height: int, width: int) -> f32[B, H, Y, X, E] {
    let s[b, h, y, x, i, j] = sum[d](q[b, h, y, x, d] * k[b, h // (H / G), i, j, d]) / sqrt(D)
    let p[b, h, y, x, i, j] = softmax[i, j | 0 <= i - clip(y - height // 2, 0, Y - height) < height and 0 <= j - clip(x - width // 2, 0, X - width) < width](
        s[b, h, y, x, i, j])
    out[b, h, y, x, e] = sum[i, j](p[b, h, y, x, i, j] * v[b, h // (H / G), i, j, e])
}

let q[b: 2, h: 4, y: 5, x: 6, d: 3] = sin(f32(b + 3 * h + 7 * y + 11 * x + 13 * d))
let k[b: 2, h: 2, y: 5, x: 6, d: 3] = cos(f32(2 * b + 3 * h + 5 * y + 17 * x + 13 * d))
let v[b: 2, h: 2, y: 5, x: 6, e: 3] = sin(f32(2 * b + 5 * h + 3 * y + 7 * x + 19 * e))
let near = near_attention2d(q, k, v, 3, 2)
print(near[1, 2, 4, 5], norm(near - formula(q, k, v, 3, 2)) < 1e-5)
print(norm(near_attention2d(q, k, v, 5, 6) - formula(q, k, v, 5, 6)) < 1e-5)
# > [-0.1513, -0.1718, -0.1884] true
# > true
