# Extents that depend on an index further out are summed over it: the parts of a reduction are the whole, a triangle is half of the square.
export fn loss(x: f32[B, D]) -> f32 = sum(exp(x))
export fn triangle(x: f32[N]) -> f32[N] { out[i] = sum[j: 0..i + 1](exp(x[j]) * f32(i)) }
# >       2 * B * D operations, reads 4 * B * D bytes, writes 4 * ((B * D + 255) // 256) bytes
# >       3 * N + 3 * ((N ^ 2 - N) // 2) operations, reads 4 * N bytes, writes 4 * N bytes
