## Products in other forms: transposed operands, batches, a 3 x 3 convolution. Both operands are inputs: nothing is packed ahead.
export fn left(a: f32[K, M], b: f32[K, N]) -> f32[M, N] = a.T @ b
export fn right(a: f32[M, K], b: f32[N, K]) -> f32[M, N] = a @ b.T
export fn batched(a: f32[B, M, K], b: f32[B, K, N]) -> f32[B, M, N] = a @ b

export fn convolution(x: f32[N, C, Y, X], w: f32[O, C, 3, 3]) -> f32[N, O, Y, X] {
    out[n, o, y, z] = sum[c, i, j](w[o, c, i, j] * (x[n, c, y + i - 1, z + j - 1] ?? 0))
}
