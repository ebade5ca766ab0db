# A product of sizes in a guard that passes 2^63, where some pair asks for it.
fn near(q: f32[T, D], k: f32[S, D], w: int, r: int) -> f32[T, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j | j <= i - 2 and i - j < w * r](s[i, j])
    out[i, d] = sum[j](p[i, j] * k[j, d])
}
fn x(T: int, D: int) -> f32[T, D] where T >= 0, D >= 0 { out[t: T, d: D] = sin(f32(t * 3 + d)) }
print(norm(near(x(2, 3), x(7, 3), 1099511627776, 8388608)))
print(norm(near(x(9, 3), x(7, 3), 1099511627776, 8388608)))
# > 0.0
# status: 1
# stderr: w * r passes 2^63
