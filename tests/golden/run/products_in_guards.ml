# A product or difference of sizes in a guard: it is nothing where no pair asks for it, and a number where it fits.
fn near(q: f32[T, D], k: f32[S, D], w: int, r: int) -> f32[T, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j | j <= i - 2 and i - j < w * r](s[i, j])
    out[i, d] = sum[j](p[i, j] * k[j, d])
}
fn lower(q: f32[T, D], k: f32[S, D], w: int, r: int) -> f32[T, D] {
    let s[i, j] = sum[d](q[i, d] * k[j, d])
    let p[i, j] = softmax[j | j <= i - 2 and (i - j + 0) < w - r * 3](s[i, j])
    out[i, d] = sum[j](p[i, j] * k[j, d])
}
fn x(T: int, D: int) -> f32[T, D] where T >= 0, D >= 0 { out[t: T, d: D] = sin(f32(t * 3 + d)) }
let big = 1099511627776
print(norm(near(x(9, 3), x(7, 3), 2, 2)), norm(near(x(9, 3), x(7, 3), big, 4194304)))
print(norm(near(x(2, 3), x(7, 3), big, big)), norm(near(x(9, 3), x(0, 3), big, big)))
print(norm(near(x(9, 3), x(7, 3), -big, 8388608)), norm(lower(x(9, 3), x(7, 3), -big, big)))
print(norm(lower(x(2, 3), x(7, 3), -4611686018427387911, 2305843009213693952)))
# > 2.87 2.822
# > 0.0 0.0
# > 0.0 0.0
# > 0.0
