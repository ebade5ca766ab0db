## A byte-level decoder: learned positions, RMSNorm, biases everywhere, GELU; no tokenizer.
## `mlc run examples/shakespeare/shakespeare.ml FILE` continues the text in a file.
import std.nn: Dense, RmsNorm
import std.attention: heads

model Attention(D, H) {
    q = Dense(D, D)
    k = Dense(D, D)
    v = Dense(D, D)
    o = Dense(D, D)
    fn call(x: f32[B, T, D]) -> f32[B, T, D] {
        let (a, b, c) = (heads[H](q(x)), heads[H](k(x)), heads[H](v(x)))
        let s[b0: B, h, i, j] = sum[d](a[b0, h, i, d] * b[b0, h, j, d]) / sqrt(D / H)
        let p[b0, h, i, j] = softmax[j | j <= i](s[b0, h, i, j])
        let y[b0, i, h, d] = sum[j](p[b0, h, i, j] * c[b0, h, j, d])
        o(reshape(y, B, T, D))
    }
}

model Mlp(D, F) {
    fc1 = Dense(D, F)
    fc2 = Dense(F, D)
    fn call(x: f32[.., D]) -> f32[.., D] = fc2(gelu(fc1(x)))
}

model Block(D, H, F) {
    norm1 = RmsNorm(D)
    attn  = Attention(D, H)
    norm2 = RmsNorm(D)
    mlp   = Mlp(D, F)
    fn call(x: f32[B, T, D]) -> f32[B, T, D] {
        let y = x + attn(norm1(x))
        y + mlp(norm2(y))
    }
}

model ByteModel(P, L, D, H, F) {
    param tok_emb: f32[256, D] ~ normal(0, 0.02)
    param pos_emb: f32[P, D] ~ normal(0, 0.02)
    blocks = [Block(D, H, F) for _ in 0..L]
    norm   = RmsNorm(D)
    head   = Dense(D, 256)

    ## Logits of the byte after each place.
    fn call(bytes: u8[B, T]) -> f32[B, T, 256] where T <= P {
        var x[b, t, d] = tok_emb[i32(bytes[b, t]), d] + pos_emb[t, d]
        for block in blocks { x = block(x) }
        head(norm(x))
    }
}

## The most likely next byte of each text.
export fn next_byte(net: ByteModel(P, L, D, H, F), bytes: u8[B, T]) -> i32[B] where 1 <= T, T <= P {
    let logits = net(bytes)
    out[b] = i32(argmax[v](logits[b, T - 1, v]))
}

# The model sees 32 bytes; the text in the file is continued by 200.
let net = load("examples/shakespeare/model.safetensors") as ByteModel(32, _, _, 4, _)
let text = read_bytes(args(1))
check(len(text) >= 32, "the text has at least 32 bytes")
var window[t: 32] = text[len(text) - 32 + t]
for _ in 0..200 {
    let next = u8(next_byte(net, reshape(window, 1, 32))[0])
    print(text_of(reshape(next, 1)), end: "")
    window = concat(window[1:], reshape(next, 1), axis: 0)
}
print("")
