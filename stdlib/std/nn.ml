## Layers.

## y = x W^T, without a bias.
model Linear(In, Out) {
    param weight: f32[Out, In] ~ uniform(-In ^ -0.5, In ^ -0.5)
    fn call(x: f32[.., In]) -> f32[.., Out] = x @ weight.T
}

## y = x W^T + bias.
model Dense(In, Out) {
    param weight: f32[Out, In] ~ uniform(-In ^ -0.5, In ^ -0.5)
    param bias:   f32[Out] ~ uniform(-In ^ -0.5, In ^ -0.5)
    fn call(x: f32[.., In]) -> f32[.., Out] = x @ weight.T + bias
}

## Row i of the table for token i.
model Embedding(V, D) {
    param weight: f32[V, D] ~ normal(0, 1)
    fn call(tokens: i32[.., T]) -> f32[.., T, D] {
        out[.., t, d] = weight[tokens[.., t], d]
    }
}

## Zhang and Sennrich 2019.
model RmsNorm(D; eps = 1e-5) {
    param weight: f32[D] = 1
    fn call(x: f32[.., D]) -> f32[.., D] {
        let r[..] = rsqrt(mean[d](x[.., d] * x[.., d]) + eps)
        out[.., d] = x[.., d] * r[..] * weight[d]
    }
}

## Ba et al. 2016.
model LayerNorm(D; eps = 1e-5) {
    param weight: f32[D] = 1
    param bias:   f32[D] = 0
    fn call(x: f32[.., D]) -> f32[.., D] {
        let m[..] = mean[d](x[.., d])
        let r[..] = rsqrt(variance[d](x[.., d]) + eps)
        out[.., d] = (x[.., d] - m[..]) * r[..] * weight[d] + bias[d]
    }
}
