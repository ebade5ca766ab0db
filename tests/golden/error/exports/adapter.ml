model Linear(I, O) {
    param weight: f32[O, I] ~ normal(0, 0.02)
    fn call(x: f32[B, I]) -> f32[B, O] { out[b, o] = sum[i](x[b, i] * weight[o, i]) }
}
adapter Low(rank) for Linear(I, O) {
    param a: f32[rank, I] ~ normal(0, 0.02)
    param b: f32[O, rank] = 0
    fn call(x: f32[B, I]) -> f32[B, O] { base(x) }
}
export fn adapted(net: Linear(I, O), x: f32[B, I]) -> f32[B, O] {
    let tuned = adapt(net, Low(2), at: "**") # error[E0503]: adapters
    tuned(x)
}
