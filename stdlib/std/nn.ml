## Layers: models, whose parameters are drawn, loaded and saved, and functions of tensors that the caller holds. Axes of batches come first; `..` is
## any number of them. Attention and rotary positions are in std.attention, losses in std.losses.

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

## What `keep` keeps is divided by 1 - rate, so the mean stays; the rest is 0 (Srivastava et al. 2014). The caller draws `keep`:
## `let keep[b, d] ~ bernoulli(1 - rate, key: k)`; without dropout it calls nothing.
fn dropout(x: float[..], keep: bool[..], rate: real) -> float[..] {
    out[..] = if keep[..] { x[..] / (1 - rate) } else { 0 }
}

# ---- layers as functions of tensors that the caller holds

## y = x w^T, w as (out, in).
fn linear(x: float[.., I], w: float[O, I]) -> float[.., O] {
    out[.., o] = sum[i](x[.., i] * w[o, i])
}

## y = x w^T + b.
fn dense(x: float[.., I], w: float[O, I], b: float[O]) -> float[.., O] {
    out[.., o] = sum[i](x[.., i] * w[o, i]) + b[o]
}

## Row index[..] of the table.
fn embedding(table: float[V, D], index: i64[..]) -> float[.., D] {
    out[.., d] = table[index[..], d]
}

## (x - mean) / sqrt(variance + eps) * w + b along the last axis (Ba et al. 2016); the variance divides by D.
fn layer_norm(x: float[.., D], w: float[D], b: float[D]; eps = 1e-5) -> float[.., D] {
    let m[..] = mean[d](x[.., d])
    let v[..] = variance[d](x[.., d])
    out[.., d] = (x[.., d] - m[..]) / sqrt(v[..] + eps) * w[d] + b[d]
}

## x / sqrt(mean x^2 + eps) * w along the last axis (Zhang and Sennrich 2019).
fn rms_norm(x: float[.., D], w: float[D]; eps = 1e-6) -> float[.., D] {
    let v[..] = mean[d](x[.., d] * x[.., d])
    out[.., d] = x[.., d] / sqrt(v[..] + eps) * w[d]
}

## Normalises each of `groups` groups of channels over its channels and places (Wu and He 2018): x [N, C, L].
fn group_norm(x: float[N, C, L], w: float[C], b: float[C], groups: int; eps = 1e-5) -> float[N, C, L] where C % groups == 0, groups >= 1 {
    let S = C // groups
    let m[n, g: groups] = mean[c: S, l](x[n, g * S + c, l])
    let v[n, g: groups] = mean[c: S, l]((x[n, g * S + c, l] - m[n, g]) ^ 2)
    out[n, c, l] = (x[n, c, l] - m[n, c // S]) / sqrt(v[n, c // S] + eps) * w[c] + b[c]
}

## The same for pictures, x [N, C, Y, X].
fn group_norm_2d(x: float[N, C, Y, X], w: float[C], b: float[C], groups: int; eps = 1e-5) -> float[N, C, Y, X] where C % groups == 0, groups >= 1 =
    reshape(group_norm(reshape(x, N, C, Y * X), w, b, groups, eps: eps), N, C, Y, X)

## Normalises each channel with the given mean and variance (Ioffe and Szegedy 2015): those that were gathered in training, or those of this
## batch by `channel_moments`. x [N, C, L].
fn batch_norm(x: float[N, C, L], w: float[C], b: float[C], average: float[C], spread: float[C]; eps = 1e-5) -> float[N, C, L] {
    out[n, c, l] = (x[n, c, l] - average[c]) / sqrt(spread[c] + eps) * w[c] + b[c]
}

## The mean and the variance of each channel over batch and places; the variance divides by N L. x [N, C, L].
fn channel_moments(x: float[N, C, L]) -> (float[C], float[C]) {
    let m[c] = mean[n, l](x[n, c, l])
    let v[c] = mean[n, l]((x[n, c, l] - m[c]) ^ 2)
    (m, v)
}

# ---- gated feed-forward blocks (Shazeer 2020): down(act(gate x) * (up x)), weights (out, in)

## With silu: Llama's block.
fn swiglu(x: float[.., D], gate: float[F, D], up: float[F, D], down: float[D, F]) -> float[.., D] =
    linear(silu(linear(x, gate)) * linear(x, up), down)

## With the exact GELU.
fn geglu(x: float[.., D], gate: float[F, D], up: float[F, D], down: float[D, F]) -> float[.., D] =
    linear(gelu(linear(x, gate)) * linear(x, up), down)

## With the tanh form of GELU.
fn geglu_tanh(x: float[.., D], gate: float[F, D], up: float[F, D], down: float[D, F]) -> float[.., D] =
    linear(gelu_tanh(linear(x, gate)) * linear(x, up), down)

## With relu.
fn reglu(x: float[.., D], gate: float[F, D], up: float[F, D], down: float[D, F]) -> float[.., D] =
    linear(relu(linear(x, gate)) * linear(x, up), down)

# ---- activations beside those that need no import

## x tanh(softplus(x)) (Misra 2019).
@elementwise fn mish(x: float) -> float = x * tanh(softplus(x))
## max(x, 0)^2 (So et al. 2021).
@elementwise fn relu2(x: float) -> float = relu(x) * relu(x)
## x clip(x + 3, 0, 6) / 6 (Howard et al. 2019).
@elementwise fn hardswish(x: float) -> float = x * clip(x + 3, 0, 6) / 6
## clip(x + 3, 0, 6) / 6.
@elementwise fn hardsigmoid(x: float) -> float = clip(x + 3, 0, 6) / 6
## clip(x, 0, 6) (Krizhevsky 2010).
@elementwise fn relu6(x: float) -> float = clip(x, 0, 6)
## max(x, 0) + min(0, alpha (e^(x / alpha) - 1)) (Barron 2017).
@elementwise fn celu(x: float, alpha: float) -> float = if x > 0 { x } else { alpha * expm1(x / alpha) }

# ---- convolutions: a read outside the picture is 0; groups = channels of x / channels of w

## x [N, C, L], w [O, C / groups, K], b [O] (LeCun et al. 1989).
fn conv1d(x: float[N, C, L], w: float[O, I, K], b: float[O]; stride = 1, padding = 0, dilation = 1)
        -> float[N, O, (L + 2 * padding - dilation * (K - 1) - 1) // stride + 1] where C % I == 0, O % (C / I) == 0 {
    out[n, o, l] = b[o] + sum[c, k](
        w[o, c, k] * (x[n, o // (O / (C / I)) * I + c, stride * l + dilation * k - padding] ?? 0))
}

## x [N, C, Y, X], w [O, C / groups, K, J], b [O].
fn conv2d(x: float[N, C, Y, X], w: float[O, I, K, J], b: float[O]; stride = 1, padding = 0, dilation = 1)
        -> float[N, O, (Y + 2 * padding - dilation * (K - 1) - 1) // stride + 1, (X + 2 * padding - dilation * (J - 1) - 1) // stride + 1]
        where C % I == 0, O % (C / I) == 0 {
    out[n, o, y, z] = b[o] + sum[c, i, j](
        w[o, c, i, j] * (x[n, o // (O / (C / I)) * I + c, stride * y + dilation * i - padding, stride * z + dilation * j - padding] ?? 0))
}

## The transpose of `conv1d` as a map of x: x [N, C, L], w [C, O, K], b [O].
fn conv_transpose1d(x: float[N, C, L], w: float[C, O, K], b: float[O]; stride = 1, padding = 0)
        -> float[N, O, (L - 1) * stride - 2 * padding + K] {
    out[n, o, t] = b[o] + sum[c, k | (t + padding - k) % stride == 0](
        w[c, o, k] * (x[n, c, (t + padding - k) // stride] ?? 0))
}

## The transpose of `conv2d` as a map of x: x [N, C, Y, X], w [C, O, K, J], b [O].
fn conv_transpose2d(x: float[N, C, Y, X], w: float[C, O, K, J], b: float[O]; stride = 1, padding = 0)
        -> float[N, O, (Y - 1) * stride - 2 * padding + K, (X - 1) * stride - 2 * padding + J] where stride >= 1 {
    out[n, o, s, t] = b[o] + sum[c, k, j | (s + padding - k) % stride == 0 and (t + padding - j) % stride == 0](
        w[c, o, k, j] * (x[n, c, (s + padding - k) // stride, (t + padding - j) // stride] ?? 0))
}

## Depthwise and causal: y_t reads x_(t - K + 1) .. x_t of its own channel (Mamba, Gu and Dao 2023): x [N, C, L], w [C, K], b [C].
fn causal_conv1d(x: float[N, C, L], w: float[C, K], b: float[C]) -> float[N, C, L] {
    out[n, c, l] = b[c] + sum[k](w[c, k] * (x[n, c, l + k - K + 1] ?? 0))
}

## The largest of each size x size square, one every `stride` places (0: every `size`, so that none overlap), `padding` places of
## nothing around: x [N, C, Y, X].
fn max_pool2d(x: float[N, C, Y, X]; size = 2, stride = 0, padding = 0)
        -> float[N, C, (Y + 2 * padding - size) // max(stride, size * (1 - stride)) + 1, (X + 2 * padding - size) // max(stride, size * (1 - stride)) + 1]
        where size >= 1, stride >= 0, padding >= 0, Y + 2 * padding >= size, X + 2 * padding >= size {
    out[n, c, i, j] = max[u: size, v: size](x[n, c, max(stride, size * (1 - stride)) * i + u - padding, max(stride, size * (1 - stride)) * j + v - padding] ?? -inf)
}

## The mean of each square; what is padded counts as 0.
fn mean_pool2d(x: float[N, C, Y, X]; size = 2, stride = 0, padding = 0)
        -> float[N, C, (Y + 2 * padding - size) // max(stride, size * (1 - stride)) + 1, (X + 2 * padding - size) // max(stride, size * (1 - stride)) + 1]
        where size >= 1, stride >= 0, padding >= 0, Y + 2 * padding >= size, X + 2 * padding >= size {
    out[n, c, i, j] = mean[u: size, v: size](x[n, c, max(stride, size * (1 - stride)) * i + u - padding, max(stride, size * (1 - stride)) * j + v - padding] ?? 0)
}

## The largest of `size` neighbours every `stride` places of x [N, C, L] (0: every `size`), `padding` places of nothing at both ends.
fn max_pool1d(x: float[N, C, L]; size = 2, stride = 0, padding = 0) -> float[N, C, (L + 2 * padding - size) // max(stride, size * (1 - stride)) + 1]
        where size >= 1, stride >= 0, padding >= 0, L + 2 * padding >= size {
    out[n, c, l] = max[k: size](x[n, c, max(stride, size * (1 - stride)) * l + k - padding] ?? -inf)
}

## The mean of `size` neighbours; what is padded counts as 0.
fn mean_pool1d(x: float[N, C, L]; size = 2, stride = 0, padding = 0) -> float[N, C, (L + 2 * padding - size) // max(stride, size * (1 - stride)) + 1]
        where size >= 1, stride >= 0, padding >= 0, L + 2 * padding >= size {
    out[n, c, l] = mean[k: size](x[n, c, max(stride, size * (1 - stride)) * l + k - padding] ?? 0)
}

## The mean of each channel over all places.
fn global_mean_pool(x: float[N, C, Y, X]) -> float[N, C] {
    out[n, c] = mean[y, z](x[n, c, y, z])
}

# ---- recurrences

## Hochreiter and Schmidhuber 1997. x [T, B, D], gates in the order i f g o: w_ih [4 H, D], w_hh [4 H, H]. Returns all h, the last h and
## the last c.
fn lstm(x: float[T, B, D], h0: float[B, H], c0: float[B, H], w_ih: float[4 * H, D], w_hh: float[4 * H, H], b_ih: float[4 * H], b_hh: float[4 * H])
        -> (float[T, B, H], float[B, H], float[B, H]) where T >= 1 {
    let a[t, b, g: 4, i: H] = b_ih[g * H + i] + b_hh[g * H + i] + sum[d](w_ih[g * H + i, d] * x[t, b, d])
    rec {
        z[t, b, g: 4, i: H] = a[t, b, g, i] + sum[j](w_hh[g * H + i, j] * (h[t - 1, b, j] ?? h0[b, j]))
        c[t, b, i] = sigmoid(z[t, b, 1, i]) * (c[t - 1, b, i] ?? c0[b, i]) + sigmoid(z[t, b, 0, i]) * tanh(z[t, b, 2, i])
        h[t, b, i] = sigmoid(z[t, b, 3, i]) * tanh(c[t, b, i])
    }
    (h, h[-1], c[-1])
}

## Cho et al. 2014, with the reset gate after the product. x [T, B, D], gates in the order r z n: w_ih [3 H, D], w_hh [3 H, H].
fn gru(x: float[T, B, D], h0: float[B, H], w_ih: float[3 * H, D], w_hh: float[3 * H, H], b_ih: float[3 * H], b_hh: float[3 * H])
        -> (float[T, B, H], float[B, H]) where T >= 1 {
    let a[t, b, g: 3, i: H] = b_ih[g * H + i] + sum[d](w_ih[g * H + i, d] * x[t, b, d])
    rec {
        u[t, b, g: 3, i: H] = b_hh[g * H + i] + sum[j](w_hh[g * H + i, j] * (h[t - 1, b, j] ?? h0[b, j]))
        z[t, b, i] = sigmoid(a[t, b, 1, i] + u[t, b, 1, i])
        n[t, b, i] = tanh(a[t, b, 2, i] + sigmoid(a[t, b, 0, i] + u[t, b, 0, i]) * u[t, b, 2, i])
        h[t, b, i] = (1 - z[t, b, i]) * n[t, b, i] + z[t, b, i] * (h[t - 1, b, i] ?? h0[b, i])
    }
    (h, h[-1])
}

## h_t = a_t h_(t-1) + b_t, from 0, along the last axis.
fn affine_scan(a: float[B, T], b: float[B, T]) -> float[B, T] {
    rec h[n, t] = a[n, t] * (h[n, t - 1] ?? 0) + b[n, t]
    h
}

## Selective state space (Gu and Dao 2023): h_t = exp(dt A) h_(t-1) + dt B x, y = C h + D x; dt is positive already.
## x, dt [B, T, D]; a [D, N]; b, c [B, T, N]; d [D]. Returns y and the last state [B, D, N].
fn selective_scan(x: float[B, T, D], dt: float[B, T, D], a: float[D, N], b: float[B, T, N], c: float[B, T, N], skip: float[D])
        -> (float[B, T, D], float[B, D, N]) where T >= 1 {
    rec h[n, t, d, s] = exp(dt[n, t, d] * a[d, s]) * (h[n, t - 1, d, s] ?? 0) + dt[n, t, d] * b[n, t, s] * x[n, t, d]
    let y[n, t, d] = sum[s](c[n, t, s] * h[n, t, d, s]) + skip[d] * x[n, t, d]
    (y, h[:, -1])
}

# ---- mixtures of experts

## The `top` experts of each token by probability, with their weights; `normalise` divides the weights by their sum (Shazeer et al. 2017).
## Then the load-balance loss E sum_e f_e P_e, f_e the assignments to e per token, P_e its mean probability (Fedus et al. 2022); the mean
## squared logsumexp of the logits (Zoph et al. 2022); the number of tokens of each expert.
fn route(logits: float[N, E], top: int, normalise: bool) -> (float[N, top], i64[N, top], float, float, i64[E]) where 1 <= top, top <= E {
    let p[n, e] = softmax[e](logits[n, e])
    let (w, pick) = topk(p, top, axis: -1)
    let weight[n, r] = if normalise { w[n, r] / sum[s](w[n, s]) } else { w[n, r] }
    let tokens[e: E] = count[n, r](pick[n, r] == e)
    let mass[e] = mean[n](p[n, e])
    let balance = E * sum[e](stop(tokens[e]) * mass[e]) / max(N, 1)
    let z = mean[n](logsumexp[e](logits[n, e]) ^ 2)
    (weight, pick, balance, z, tokens)
}

## A SwiGLU for each expert, gate and up [E, F, D], down [E, D, F]; each token sums those it was sent to.
fn experts(x: float[N, D], weight: float[N, R], pick: i64[N, R], gate: float[E, F, D], up: float[E, F, D], down: float[E, D, F]) -> float[N, D] {
    let a[n, r, f] = sum[d](x[n, d] * gate[pick[n, r], f, d])
    let b[n, r, f] = sum[d](x[n, d] * up[pick[n, r], f, d])
    let c[n, r, f] = silu(a[n, r, f]) * b[n, r, f]
    out[n, d] = sum[r](weight[n, r] * sum[f](c[n, r, f] * down[pick[n, r], d, f]))
}

## Group-limited routing with sigmoid scores (DeepSeek-V3, 2024): groups are ranked by the sum of their two best biased scores, experts by
## their biased score inside the best `top_groups` groups; weights are the scores without bias, normalised, times `scale`.
fn route_groups(logits: float[N, E], bias: float[E], groups: int, top_groups: int, top: int, scale: real) -> (float[N, top], i64[N, top])
        where E % groups == 0, groups >= 1, E / groups >= 2, 1 <= top_groups, top_groups <= groups, 1 <= top, top <= E {
    let S = E // groups
    let score[n, e] = sigmoid(logits[n, e])
    let biased[n, g: groups, s: S] = score[n, g * S + s] + bias[g * S + s]
    let (best, _) = topk(biased, 2, axis: -1)
    let value[n, g] = best[n, g, 0] + best[n, g, 1]
    let (_, chosen) = topk(value, top_groups, axis: -1)
    let open[n, e: E] = if any[k](chosen[n, k] == e // S) { score[n, e] + bias[e] } else { -inf }
    let (_, pick) = topk(open, top, axis: -1)
    let w[n, r] = score[n, pick[n, r]]
    let weight[n, r] = w[n, r] / sum[s](w[n, s]) * scale
    (weight, pick)
}

# ---- the same as models: their parameters are drawn, loaded and saved

## `group_norm` with weight 1 and bias 0 to begin with.
model GroupNorm(C, G; eps = 1e-5) where G >= 1, C % G == 0 {
    param weight: f32[C] = 1
    param bias:   f32[C] = 0
    fn call(x: f32[N, C, L]) -> f32[N, C, L] = group_norm(x, weight, bias, G, eps: eps)
}

## `conv1d` from In to Out channels with kernels of K places.
model Conv1d(In, Out, K; stride = 1, padding = 0) {
    param weight: f32[Out, In, K] ~ uniform(-(In * K) ^ -0.5, (In * K) ^ -0.5)
    param bias:   f32[Out] ~ uniform(-(In * K) ^ -0.5, (In * K) ^ -0.5)
    fn call(x: f32[N, In, L]) -> f32[N, Out, (L + 2 * padding - (K - 1) - 1) // stride + 1] =
        conv1d(x, weight, bias, stride: stride, padding: padding)
}

## `conv2d` from In to Out channels with kernels of K x K places.
model Conv2d(In, Out, K; stride = 1, padding = 0) {
    param weight: f32[Out, In, K, K] ~ uniform(-(In * K * K) ^ -0.5, (In * K * K) ^ -0.5)
    param bias:   f32[Out] ~ uniform(-(In * K * K) ^ -0.5, (In * K * K) ^ -0.5)
    fn call(x: f32[N, In, Y, X]) -> f32[N, Out, (Y + 2 * padding - (K - 1) - 1) // stride + 1, (X + 2 * padding - (K - 1) - 1) // stride + 1] =
        conv2d(x, weight, bias, stride: stride, padding: padding)
}

## `swiglu`: D to F and back.
model SwiGlu(D, F) {
    gate = Linear(D, F)
    up   = Linear(D, F)
    down = Linear(F, D)
    fn call(x: f32[.., D]) -> f32[.., D] = down(silu(gate(x)) * up(x))
}

## `lstm` from zeros: x [T, B, D] to all h [T, B, H].
model Lstm(D, H) {
    param w_ih: f32[4 * H, D] ~ uniform(-H ^ -0.5, H ^ -0.5)
    param w_hh: f32[4 * H, H] ~ uniform(-H ^ -0.5, H ^ -0.5)
    param b_ih: f32[4 * H] ~ uniform(-H ^ -0.5, H ^ -0.5)
    param b_hh: f32[4 * H] ~ uniform(-H ^ -0.5, H ^ -0.5)
    fn call(x: f32[T, B, D]) -> f32[T, B, H] where T >= 1 {
        let (h, _, _) = lstm(x, zeros(B, H), zeros(B, H), w_ih, w_hh, b_ih, b_hh)
        h
    }
}

## `gru` from zeros: x [T, B, D] to all h [T, B, H].
model Gru(D, H) {
    param w_ih: f32[3 * H, D] ~ uniform(-H ^ -0.5, H ^ -0.5)
    param w_hh: f32[3 * H, H] ~ uniform(-H ^ -0.5, H ^ -0.5)
    param b_ih: f32[3 * H] ~ uniform(-H ^ -0.5, H ^ -0.5)
    param b_hh: f32[3 * H] ~ uniform(-H ^ -0.5, H ^ -0.5)
    fn call(x: f32[T, B, D]) -> f32[T, B, H] where T >= 1 {
        let (h, _) = gru(x, zeros(B, H), w_ih, w_hh, b_ih, b_hh)
        h
    }
}

## A mixture of E experts, SwiGLU blocks of width F; each token goes to K of them, its weights divided by their sum.
model Moe(D, F, E, K) where 1 <= K, K <= E {
    param router: f32[E, D] ~ normal(0, 0.02)
    param gate:   f32[E, F, D] ~ uniform(-D ^ -0.5, D ^ -0.5)
    param up:     f32[E, F, D] ~ uniform(-D ^ -0.5, D ^ -0.5)
    param down:   f32[E, D, F] ~ uniform(-F ^ -0.5, F ^ -0.5)
    fn call(x: f32[N, D]) -> f32[N, D] {
        let (w, p, _, _, _) = route(linear(x, router), K, true)
        experts(x, w, p, gate, up, down)
    }
}
