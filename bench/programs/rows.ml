## What is done to rows: softmax and a norm.
export fn normalised(x: f32[T, N]) -> f32[T, N] {
    out[t, n] = softmax[n](x[t, n])
}

export fn centred(x: f32[T, N], scale: f32[N], shift: f32[N]) -> f32[T, N] {
    let m[t] = mean[n](x[t, n])
    let v[t] = mean[n]((x[t, n] - m[t]) ^ 2)
    out[t, n] = (x[t, n] - m[t]) * rsqrt(v[t] + 1e-5) * scale[n] + shift[n]
}
