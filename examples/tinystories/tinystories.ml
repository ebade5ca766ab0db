## A Llama in the names and the layout of Hugging Face: safetensors, tokenizer.json, rotary positions that rotate halves.
## `mlc run examples/tinystories/tinystories.ml model.safetensors tokenizer.json "Once upon a time"`.
import std.nn: Linear, RmsNorm
import std.attention: heads, rope
import std.sample: greedy

## Keys and values of S positions, of which the first `len` are filled.
struct Cache(L, B, G, S, K) {
    key:   f32[L, B, G, S, K] = 0
    value: f32[L, B, G, S, K] = 0
    len:   int = 0
}

model Attention(D, H, G) {
    K      = D / H
    q_proj = Linear(D, H * K)
    k_proj = Linear(D, G * K)
    v_proj = Linear(D, G * K)
    o_proj = Linear(H * K, D)

    fn call(x: f32[B, T, D], layer: int, var c: Cache(L, B, G, S, K)) -> f32[B, T, D] where c.len + T <= S {
        let position[t: T] = c.len + t
        let q = rope(heads[H](q_proj(x)), position)
        c.key[layer, :, :, c.len : c.len + T] = rope(heads[G](k_proj(x)), position)
        c.value[layer, :, :, c.len : c.len + T] = heads[G](v_proj(x))

        let s[b, h, i, j] = sum[d](q[b, h, i, d] * c.key[layer, b, h // (H / G), j, d]) / sqrt(K)
        let p[b, h, i, j] = softmax[j | j <= c.len + i](s[b, h, i, j])
        let o[b, i, h, d] = sum[j](p[b, h, i, j] * c.value[layer, b, h // (H / G), j, d])
        o_proj(reshape(o, B, T, D))
    }
}

model Mlp(D, F) {
    gate_proj = Linear(D, F)
    up_proj   = Linear(D, F)
    down_proj = Linear(F, D)
    fn call(x: f32[.., D]) -> f32[.., D] = down_proj(silu(gate_proj(x)) * up_proj(x))
}

model Block(D, H, G, F) {
    input_layernorm          = RmsNorm(D, eps: 1e-6)
    self_attn                = Attention(D, H, G)
    post_attention_layernorm = RmsNorm(D, eps: 1e-6)
    mlp                      = Mlp(D, F)

    fn call(x: f32[B, T, D], layer: int, var c: Cache(L, B, G, S, D / H)) -> f32[B, T, D] {
        let y = x + self_attn(input_layernorm(x), layer, var c)
        y + mlp(post_attention_layernorm(y))
    }
}

model Llama(V, L, D, H, G, F) {
    layers  = [Block(D, H, G, F) for _ in 0..L]
    norm    = RmsNorm(D, eps: 1e-6)
    lm_head = Linear(D, V)                                # its weight is the table of the embeddings, too

    ## Logits of the token after the last one given.
    fn call(tokens: i32[B, T], var c: Cache(L, B, G, S, D / H)) -> f32[B, V] where T >= 1 {
        var x[b, t, d] = lm_head.weight[tokens[b, t], d]
        for l in 0..L { x = layers[l](x, l, var c) }
        c.len += T
        lm_head(norm(x[:, -1]))
    }
}

let net = load(args(1), rename: [("model.**", "**")]) as Llama(_, _, _, 8, 4, _)
let words = tokenizer(args(2))
let prompt = encode(words, args(3))
var cache = Cache(net.L, 1, net.G, 512, net.D / net.H)
var token = prompt[0]
for i in progress(0..220) {
    let logits = net(reshape(token, 1, 1), var cache)
    let next = if i + 1 < len(prompt) { prompt[i + 1] } else { greedy(logits)[0] }
    if next == 2 { break }                                # <|end_story|>
    print(decode(words, token, next), end: "")
    token = next
}
print("")
