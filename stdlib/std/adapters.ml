## Adapters: small models that stand over layers of a trained one (`adapt(net, Lora(8, 16), at: "layers.*.{wq,wv}")`), and the changes of
## weights that they stand for. The old weights stay as they are; at the start an adapted layer gives what it gave before. Sizes: In to
## Out, R the rank. An adapter is for one layer of std.nn: Linear, or Dense with a bias under the same name and `Dense`.
import std.models
import std.nn: Linear, Dense, Embedding, Conv2d, SwiGlu, conv2d, dense, layer_norm

# ---- changes of a weight, [Out, In]

## Hu et al. 2021: scale b a. The scale is alpha / R, or alpha / sqrt(R) (Kalajdzievski 2023).
fn low_rank(a: float[R, In], b: float[Out, R], scale: real) -> float[Out, In] = scale * b @ a

## Liu et al. 2024 (DoRA): the rows of w + delta with the lengths that are given; their norm counts as a constant.
fn directed(w: float[Out, In], delta: float[Out, In], length: float[Out]) -> float[Out, In] {
    let v = w + delta
    let n = stop(norm(v, axis: -1))
    out[o, i] = length[o] / n[o] * v[o, i]
}

## Kopiczko et al. 2024 (VeRA): diag(e) b diag(d) a, with a and b drawn once for all layers.
fn scaled_random(a: float[R, In], b: float[Out, R], d: float[R], e: float[Out]) -> float[Out, In] {
    out[o, i] = e[o] * sum[r](b[o, r] * (d[r] * a[r, i]))
}

## Zhang et al. 2023 (AdaLoRA): scale b diag(e) a.
fn singular(a: float[R, In], b: float[Out, R], e: float[R], scale: real) -> float[Out, In] {
    out[o, i] = scale * sum[r](b[o, r] * (e[r] * a[r, i]))
}

## Hyeon-Woo et al. 2022 (LoHa): scale (u1 v1) * (u2 v2), element by element.
fn hadamard(u1: float[Out, R], v1: float[R, In], u2: float[Out, R], v2: float[R, In], scale: real) -> float[Out, In] = scale * (u1 @ v1) * (u2 @ v2)

## Edalati et al. 2022 (LoKr): scale times the Kronecker product of u and v.
fn kronecker(u: float[P, Q], v: float[K, L], scale: real) -> float[P * K, Q * L] {
    out[o, i] = scale * u[o // K, i // L] * v[o % K, i % L]
}

# ---- the same beside the weight: y is what the old layer gives

## y + scale b a x.
fn add_low_rank(y: float[.., Out], x: float[.., In], a: float[R, In], b: float[Out, R], scale: real) -> float[.., Out] = y + scale * (x @ a.T) @ b.T

## Of a table: token t reads column t of a.
fn add_low_rows(y: float[.., T, D], tokens: i32[.., T], a: float[R, V], b: float[D, R], scale: real) -> float[.., T, D] {
    let low[.., t, r] = a[r, tokens[.., t]]
    y + scale * low @ b.T
}

## Of a convolution: `low` are R channels that one of the same window gave.
fn add_low_channels(y: float[N, Out, H, W], low: float[N, R, H, W], b: float[Out, R], scale: real) -> float[N, Out, H, W] {
    let add[n, o, i, j] = sum[r](b[o, r] * low[n, r, i, j])
    y + scale * add
}

## Row n of the batch takes adapter pick[n] of the M that a and b hold; -1 takes none.
fn add_picked(y: float[B, T, Out], x: float[B, T, In], a: float[M, R, In], b: float[M, Out, R], pick: i32[B], scale: real) -> float[B, T, Out] {
    let low[n, t, r] = sum[i](x[n, t, i] * (a[pick[n], r, i] ?? 0))
    let add[n, t, o] = sum[r](low[n, t, r] * (b[pick[n], o, r] ?? 0))
    y + scale * add
}

# ---- bottlenecks: D to R to D

## Houlsby et al. 2019: w2 act(w1 h + b1) + b2, to be added to h.
fn bottleneck(h: float[.., D], w1: float[R, D], b1: float[R], w2: float[D, R], b2: float[D], act: fn(float) -> float) -> float[.., D] =
    dense(act(dense(h, w1, b1)), w2, b2)

## Pfeiffer et al. 2021, one for a block: f is the sub-layer's output, x its residual input; the block's own norm is used twice.
fn pfeiffer(x: float[.., D], f: float[.., D], w1: float[R, D], b1: float[R], w2: float[D, R], b2: float[D], w: float[D], b: float[D], eps: real,
            act: fn(float) -> float) -> float[.., D] {
    let h = x + f
    layer_norm(h + bottleneck(layer_norm(h, w, b, eps: eps), w1, b1, w2, b2, act), w, b, eps: eps)
}

# ---- over linear layers

## Hu et al. 2021: W + (alpha / rank) b a.
adapter Lora(rank, alpha) for Linear(In, Out) where rank >= 1 {
    param a: f32[rank, In] ~ kaiming_uniform(sqrt(5))
    param b: f32[Out, rank] = 0
    fn call(x: f32[.., In]) -> f32[.., Out] = add_low_rank(base(x), x, a, b, alpha / rank)
}

adapter LoraDense(rank, alpha) for Dense(In, Out) where rank >= 1 {
    param a: f32[rank, In] ~ kaiming_uniform(sqrt(5))
    param b: f32[Out, rank] = 0
    fn call(x: f32[.., In]) -> f32[.., Out] = add_low_rank(base(x), x, a, b, alpha / rank)
}

## Kalajdzievski 2023: the scale alpha / sqrt(rank) keeps what is learned as large for every rank.
adapter RsLora(rank, alpha) for Linear(In, Out) where rank >= 1 {
    param a: f32[rank, In] ~ kaiming_uniform(sqrt(5))
    param b: f32[Out, rank] = 0
    fn call(x: f32[.., In]) -> f32[.., Out] = add_low_rank(base(x), x, a, b, alpha / sqrt(rank))
}

adapter RsLoraDense(rank, alpha) for Dense(In, Out) where rank >= 1 {
    param a: f32[rank, In] ~ kaiming_uniform(sqrt(5))
    param b: f32[Out, rank] = 0
    fn call(x: f32[.., In]) -> f32[.., Out] = add_low_rank(base(x), x, a, b, alpha / sqrt(rank))
}

## Liu et al. 2024: the direction is W + LoRA, the length of each row is learned.
adapter Dora(rank, alpha) for Linear(In, Out) where rank >= 1 {
    param a: f32[rank, In] ~ kaiming_uniform(sqrt(5))
    param b: f32[Out, rank] = 0
    param length: f32[Out] = norm(base.weight, axis: -1)
    fn call(x: f32[.., In]) -> f32[.., Out] = x @ directed(base.weight, low_rank(a, b, alpha / rank), length).T
}

adapter DoraDense(rank, alpha) for Dense(In, Out) where rank >= 1 {
    param a: f32[rank, In] ~ kaiming_uniform(sqrt(5))
    param b: f32[Out, rank] = 0
    param length: f32[Out] = norm(base.weight, axis: -1)
    fn call(x: f32[.., In]) -> f32[.., Out] = dense(x, directed(base.weight, low_rank(a, b, alpha / rank), length), base.bias)
}

## Liu et al. 2022 (IA3): one factor an output, the bias included.
adapter Ia3 for Linear(In, Out) {
    param factor: f32[Out] = 1
    fn call(x: f32[.., In]) -> f32[.., Out] = factor * base(x)
}

adapter Ia3Dense for Dense(In, Out) {
    param factor: f32[Out] = 1
    fn call(x: f32[.., In]) -> f32[.., Out] = factor * base(x)
}

## The same for the inner layer of a feed-forward part: one factor an input.
adapter Ia3Input for Linear(In, Out) {
    param factor: f32[In] = 1
    fn call(x: f32[.., In]) -> f32[.., Out] = base(factor * x)
}

adapter Ia3InputDense for Dense(In, Out) {
    param factor: f32[In] = 1
    fn call(x: f32[.., In]) -> f32[.., Out] = base(factor * x)
}

## N adapters of one layer: each row of the batch takes its own, `bind(net, pick: ids)`; -1 takes none.
adapter Bank(N, rank, alpha) for Linear(In, Out) where rank >= 1 {
    param a: f32[N, rank, In] ~ kaiming_uniform(sqrt(5))
    param b: f32[N, Out, rank] = 0
    input pick: i32[B]
    fn call(x: f32[B, T, In]) -> f32[B, T, Out] = add_picked(base(x), x, a, b, pick, alpha / rank)
}

adapter BankDense(N, rank, alpha) for Dense(In, Out) where rank >= 1 {
    param a: f32[N, rank, In] ~ kaiming_uniform(sqrt(5))
    param b: f32[N, Out, rank] = 0
    input pick: i32[B]
    fn call(x: f32[B, T, In]) -> f32[B, T, Out] = add_picked(base(x), x, a, b, pick, alpha / rank)
}

## Houlsby et al. 2019: a bottleneck with a residual behind the layer, before the block's own.
adapter Houlsby(R) for Linear(In, Out) {
    param w1: f32[R, Out] ~ normal(0, 1e-3)
    param b1: f32[R] = 0
    param w2: f32[Out, R] ~ normal(0, 1e-3)
    param b2: f32[Out] = 0
    fn call(x: f32[.., In]) -> f32[.., Out] {
        let h = base(x)
        h + bottleneck(h, w1, b1, w2, b2, gelu_tanh)
    }
}

adapter HoulsbyDense(R) for Dense(In, Out) {
    param w1: f32[R, Out] ~ normal(0, 1e-3)
    param b1: f32[R] = 0
    param w2: f32[Out, R] ~ normal(0, 1e-3)
    param b2: f32[Out] = 0
    fn call(x: f32[.., In]) -> f32[.., Out] {
        let h = base(x)
        h + bottleneck(h, w1, b1, w2, b2, gelu_tanh)
    }
}

# ---- over other layers

## LoRA of a table of rows: row i of W + (alpha / rank) (b a)^T.
adapter LoraEmbedding(rank, alpha) for Embedding(V, D) where rank >= 1 {
    param a: f32[rank, V] = 0
    param b: f32[D, rank] ~ normal(0, 1)
    fn call(tokens: i32[.., T]) -> f32[.., T, D] = add_low_rows(base(tokens), tokens, a, b, alpha / rank)
}

## LoRA of GPT-2's layers, whose weights are (in, out).
adapter LoraConv1d(rank, alpha) for models.Conv1d(In, Out) where rank >= 1 {
    param a: f32[rank, In] ~ kaiming_uniform(sqrt(5))
    param b: f32[Out, rank] = 0
    fn call(x: f32[.., In]) -> f32[.., Out] = add_low_rank(base(x), x, a, b, alpha / rank)
}

## LoRA of a convolution: one to `rank` channels with the same window, then one of 1 x 1.
adapter LoraConv2d(rank, alpha) for Conv2d(In, Out, K, stride, padding) where rank >= 1 {
    param a: f32[rank, In, K, K] ~ kaiming_uniform(sqrt(5))
    param b: f32[Out, rank] = 0
    fn call(x: f32[N, In, Y, X]) -> f32[N, Out, (Y + 2 * padding - K) // stride + 1, (X + 2 * padding - K) // stride + 1] {
        add_low_channels(base(x), conv2d(x, a, zeros(rank), stride: stride, padding: padding), b, alpha / rank)
    }
}

## He et al. 2022: beside a whole feed-forward part, which reads the same input.
adapter Parallel(R, s) for SwiGlu(D, F) {
    param w1: f32[R, D] ~ kaiming_uniform(sqrt(5))
    param b1: f32[R] = 0
    param w2: f32[D, R] = 0
    param b2: f32[D] = 0
    fn call(x: f32[.., D]) -> f32[.., D] = base(x) + s * bottleneck(x, w1, b1, w2, b2, relu)
}
