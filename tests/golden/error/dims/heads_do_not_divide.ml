model Attention(D, H) {
    K = D / H
    param w: f32[H * K, D] ~ normal(0, 0.02)
    fn call(x: f32[T, D]) -> f32[T, H * K] = x @ w.T
}
export fn f(net: Attention(10, 3), x: f32[T, 10]) -> f32[T, 10] = net(x) # error: 3
