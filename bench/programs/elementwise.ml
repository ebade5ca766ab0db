## Elementary functions over an array, and one update of AdamW (Loshchilov and Hutter 2019) as a formula.
export fn exponential(x: f32[N]) -> f32[N] = exp(x)
export fn tangent(x: f32[N]) -> f32[N] = tanh(x)
export fn gaussian(x: f32[N]) -> f32[N] = gelu(x)
export fn twice(x: f32[N]) -> f32[N] = x + x

export fn adamw(var p: f32[N], g: f32[N], var m: f32[N], var v: f32[N]) {
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g * g
    p = p - 0.001 * (m / (sqrt(v) + 0.00000001) + 0.01 * p)
}
