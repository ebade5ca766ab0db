fn f(x: f32[T, D], W: int) -> f32[T, D] {
    out[t, d] = mean[s | t - W < s <= t](x[s])
}
let m = mean([1, 2, 3])
