fn blur(image: f32[Y, X], w: f32[3, 3]) -> f32[Y, X] {
    out[y, x] = sum[i, j: 3](w[0, j] * (image[y + i - 1, x + j - 1] ?? 0)) # error[E0301]: the range of i is not determined
}
