## The forward pass of GPT-2 with four layers, which are turns of a loop.
import std.nn: Dense, Linear, Embedding, LayerNorm

model Attention(D, H) {
    c_attn = Dense(D, 3 * D)
    c_proj = Dense(D, D)
    fn call(x: f32[B, T, D]) -> f32[B, T, D] {
        let a = reshape(c_attn(x), B, T, 3, H, D / H)
        let s[b, h, i, j] = sum[d](a[b, i, 0, h, d] * a[b, j, 1, h, d]) / sqrt(D / H)
        let p[b, h, i, j] = softmax[j | j <= i](s[b, h, i, j])
        let o[b, i, h, d] = sum[j](p[b, h, i, j] * a[b, j, 2, h, d])
        c_proj(reshape(o, B, T, D))
    }
}

model Mlp(D) {
    c_fc   = Dense(D, 4 * D)
    c_proj = Dense(4 * D, D)
    fn call(x: f32[.., D]) -> f32[.., D] = c_proj(gelu_tanh(c_fc(x)))
}

model Block(D, H) {
    ln_1 = LayerNorm(D)
    attn = Attention(D, H)
    ln_2 = LayerNorm(D)
    mlp  = Mlp(D)
    fn call(x: f32[B, T, D]) -> f32[B, T, D] {
        let y = x + attn(ln_1(x))
        y + mlp(ln_2(y))
    }
}

model Gpt(V, P, L, D, H) {
    wte  = Embedding(V, D)
    wpe  = Embedding(P, D)
    h    = [Block(D, H) for _ in 0..L]
    ln_f = LayerNorm(D)
    lm_head = Linear(D, V)
    fn call(tokens: i32[B, T]) -> f32[B, T, V] where T <= P {
        var x[b, t, d] = wte.weight[tokens[b, t], d] + wpe.weight[t, d]
        for block in h { x = block(x) }
        lm_head(ln_f(x))
    }
}

export fn run(net: Gpt(V, P, 4, D, H), tokens: i32[B, T]) -> f32[B, T, V] where T <= P = net(tokens)
