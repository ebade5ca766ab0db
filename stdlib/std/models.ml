## Whole models. Names of parts follow the public checkpoints.
import std.nn: LayerNorm

## y = x weight + bias, with the weight as GPT-2 stores it.
model Conv1d(In, Out) {
    param weight: f32[In, Out] ~ normal(0, 0.02)
    param bias:   f32[Out] = 0
    fn call(x: f32[.., In]) -> f32[.., Out] = x @ weight + bias
}

## H heads of width D / H, causal; query, key and value come from one product.
model Gpt2Attention(D, H) {
    c_attn = Conv1d(D, 3 * D)
    c_proj = Conv1d(D, D)

    fn call(x: f32[B, T, D]) -> f32[B, T, D] {
        let a = reshape(c_attn(x), B, T, 3, H, D / H)
        let s[b, h, i, j] = sum[d](a[b, i, 0, h, d] * a[b, j, 1, h, d]) / sqrt(D / H)
        let p[b, h, i, j] = softmax[j | j <= i](s[b, h, i, j])
        let o[b, i, h, d] = sum[j](p[b, h, i, j] * a[b, j, 2, h, d])
        c_proj(reshape(o, B, T, D))
    }
}

## D to 4 D and back, with the tanh form of GELU.
model Gpt2Mlp(D) {
    c_fc   = Conv1d(D, 4 * D)
    c_proj = Conv1d(4 * D, D)
    fn call(x: f32[.., D]) -> f32[.., D] = c_proj(gelu_tanh(c_fc(x)))
}

## Attention, then the feed-forward layer, each behind a norm and beside what it reads.
model Gpt2Block(D, H) {
    ln_1 = LayerNorm(D)
    attn = Gpt2Attention(D, H)
    ln_2 = LayerNorm(D)
    mlp  = Gpt2Mlp(D)
    fn call(x: f32[B, T, D]) -> f32[B, T, D] {
        let y = x + attn(ln_1(x))
        y + mlp(ln_2(y))
    }
}

## GPT-2 (Radford et al. 2019): vocabulary V, P positions, L layers of width D with H heads; the output is tied to the input.
model Gpt2(V, P, L, D, H) {
    param wte: f32[V, D] ~ normal(0, 0.02)
    param wpe: f32[P, D] ~ normal(0, 0.01)
    h    = [Gpt2Block(D, H) for _ in 0..L]
    ln_f = LayerNorm(D)

    fn call(tokens: i32[B, T]) -> f32[B, T, V] where T <= P {
        var x[b, t, d] = wte[tokens[b, t], d] + wpe[t, d]
        for block in h { x = block(x) }
        ln_f(x) @ wte.T
    }
}
