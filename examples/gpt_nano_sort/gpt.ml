## GPT-2 in the shape of minGPT's "gpt-nano", trained to sort six letters: `mlc run examples/gpt_nano_sort/gpt.ml` sorts all 729 inputs.
import std.nn: Dense, Linear, Embedding, LayerNorm

## What each step of the first block gives, and what follows it.
struct Steps(B, T, D, H, K, F, V) {
    idx: f32[B, T]                                        # the tokens, as the file has them
    tok_emb: f32[B, T, D]
    pos_emb: f32[1, T, D]
    x: f32[B, T, D]
    ln1: f32[B, T, D]
    qkv: f32[B, T, 3 * D]
    q: f32[B, H, T, K]
    k: f32[B, H, T, K]
    v: f32[B, H, T, K]
    att: f32[B, H, T, T]
    attSm: f32[B, H, T, T]
    y: f32[B, T, D]
    yProj: f32[B, T, D]
    attnResid: f32[B, T, D]
    ln2: f32[B, T, D]
    fc: f32[B, T, F]
    gelu: f32[B, T, F]
    mlp: f32[B, T, D]
    mlpResid: f32[B, T, D]
    block0: f32[B, T, D]
    block1: f32[B, T, D]
    block2: f32[B, T, D]
    ln_f: f32[B, T, D]
    lm_head: f32[B, T, V]
    probs: f32[B, T, V]
}

## Part `i` of queries, keys and values, as H heads of K.
fn part[H, K, i](a: f32[B, T, 3 * H * K]) -> f32[B, H, T, K] {
    out[b, h, t, d] = a[b, t, (i * H + h) * K + d]
}

model Attention(D, H) {
    c_attn = Dense(D, 3 * D)
    c_proj = Dense(D, D)

    fn scores(a: f32[B, T, 3 * D]) -> f32[B, H, T, T] {
        let (q, k) = (part[H, D / H, 0](a), part[H, D / H, 1](a))
        out[b, h, i, j] = if j <= i { sum[d](q[b, h, i, d] * k[b, h, j, d]) / sqrt(D / H) } else { -inf }
    }
    fn weights(s: f32[B, H, T, T]) -> f32[B, H, T, T] {
        out[b, h, i, j] = softmax[j | j <= i](s[b, h, i, j])
    }
    fn mixed(p: f32[B, H, T, T], a: f32[B, T, 3 * D]) -> f32[B, T, D] {
        let v = part[H, D / H, 2](a)
        let o[b, i, h, d] = sum[j | j <= i](p[b, h, i, j] * v[b, h, j, d])
        reshape(o, B, T, D)
    }
    fn call(x: f32[B, T, D]) -> f32[B, T, D] {
        let a = c_attn(x)
        c_proj(mixed(weights(scores(a)), a))
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

    fn start(tokens: i32[B, T]) -> f32[B, T, D] where T <= P {
        let x[b, t, d] = wte.weight[tokens[b, t], d] + wpe.weight[t, d]
        x
    }
    fn call(tokens: i32[B, T]) -> f32[B, T, V] where T <= P {
        var x = start(tokens)
        for block in h { x = block(x) }
        lm_head(ln_f(x))
    }
}

## All that the author of the model has recorded.
fn steps(net: Gpt(V, P, L, D, H), tokens: i32[B, T]) -> Steps(B, T, D, H, D / H, 4 * D, V) where T == P, L == 3 {
    let idx = f32(tokens)
    let tok_emb[b, t, d] = net.wte.weight[tokens[b, t], d]
    let pos_emb[b: 1, t, d] = net.wpe.weight[t, d]
    let x = net.start(tokens)
    let block = net.h[0]
    let ln1 = block.ln_1(x)
    let qkv = block.attn.c_attn(ln1)
    let att = block.attn.scores(qkv)
    let attSm = block.attn.weights(att)
    let y = block.attn.mixed(attSm, qkv)
    let yProj = block.attn.c_proj(y)
    let attnResid = x + yProj
    let ln2 = block.ln_2(attnResid)
    let fc = block.mlp.c_fc(ln2)
    let g = gelu_tanh(fc)
    let mlp = block.mlp.c_proj(g)
    let block0 = attnResid + mlp
    let block1 = net.h[1](block0)
    let block2 = net.h[2](block1)
    let ln_f = net.ln_f(block2)
    let lm_head = net.lm_head(ln_f)
    let probs[b, t, v] = softmax[v](lm_head[b, t, v])
    Steps(B, T, D, H, D / H, 4 * D, V, idx: idx, tok_emb: tok_emb, pos_emb: pos_emb, x: x, ln1: ln1, qkv: qkv,
          q: part[H, D / H, 0](qkv), k: part[H, D / H, 1](qkv), v: part[H, D / H, 2](qkv), att: att, attSm: attSm, y: y, yProj: yProj,
          attnResid: attnResid, ln2: ln2, fc: fc, gelu: g, mlp: mlp, mlpResid: block0, block0: block0, block1: block1,
          block2: block2, ln_f: ln_f, lm_head: lm_head, probs: probs)
}

## Six letters and the six after them: the model fills in the second half, letter by letter. What is behind a place it does not see.
fn continued(net: Gpt(V, P, L, D, H), letters: i32[B, 6]) -> i32[B, 12] where P == 11 {
    var s[b: B, t: 12] = if t < 6 { letters[b, min(t, 5)] } else { i32(0) }
    for t in 6..12 {
        let logits = net(s[:, 0:11])
        let next[b] = i32(argmax[v](logits[b, t - 1, v]))
        s[:, t] = next
    }
    s
}

let folder = "examples/gpt_nano_sort/"
let net = load(folder + "model.safetensors", rename: [("transformer.h.*.attn.bias", ""), ("transformer.**", "**")]) as Gpt(_, _, _, _, 3)
let letters[n: 729, t: 6] = i32(n // 3 ^ (5 - t) % 3)
let result = continued(net, letters)
let zeros[n] = count[t](letters[n, t] == 0)
let ones[n] = count[t](letters[n, t] == 1)
let sorted = count[n](all[t: 6](result[n, 6 + t] == (if t < zeros[n] { 0 } else { if t < zeros[n] + ones[n] { 1 } else { 2 } })))
print(sorted, "of 729 inputs come out sorted")
