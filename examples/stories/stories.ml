## A small Llama that tells stories: grouped-query attention, rotary positions on neighbouring pairs, one KV cache that prefill and
## decode share. `mlc stories.ml` makes a library of its exports; `mlc run stories.ml "Once upon a time"` runs the script below.
import std.nn: Linear, RmsNorm
import std.sample: greedy, draw

## Keys and values of S positions of B texts, of which the first `len` are filled.
struct Cache(L, B, G, S, K) {
    key:   f32[L, B, G, S, K] = 0
    value: f32[L, B, G, S, K] = 0
    len:   int = 0
}

## [B, T, H * K] seen as H heads.
fn heads[H](x: float[B, T, H * K]) -> float[B, H, T, K] {
    out[b, h, t, d] = x[b, t, h * K + d]
}

## Rotates the pair (2i, 2i + 1) of every head by its position times theta^(-2i/K) (Su et al. 2021).
fn rope(x: float[B, H, T, K], start: int; theta = 10000.0) -> float[B, H, T, K] where K % 2 == 0 {
    let a[t: T, i: K / 2] = (start + t) * theta ^ (-2 * i / K)
    let (c, s) = (cos(a), sin(a))
    out[b, h, t, d] = if d % 2 == 0 { x[b, h, t, d] * c[t, d // 2] - x[b, h, t, d + 1] * s[t, d // 2] }
                      else { x[b, h, t, d] * c[t, d // 2] + x[b, h, t, d - 1] * s[t, d // 2] }
}

model Attention(D, H, G) {
    K  = D / H
    wq = Linear(D, H * K)
    wk = Linear(D, G * K)
    wv = Linear(D, G * K)
    wo = Linear(H * K, D)

    fn call(x: f32[B, T, D], layer: int, var c: Cache(L, B, G, S, K)) -> f32[B, T, D] where c.len + T <= S {
        let q = rope(heads[H](wq(x)), c.len)
        c.key[layer, :, :, c.len : c.len + T] = rope(heads[G](wk(x)), c.len)
        c.value[layer, :, :, c.len : c.len + T] = heads[G](wv(x))

        let s[b, h, i, j] = sum[d](q[b, h, i, d] * c.key[layer, b, h // (H / G), j, d]) / sqrt(K)
        let p[b, h, i, j] = softmax[j | j <= c.len + i](s[b, h, i, j])
        let o[b, i, h, d] = sum[j](p[b, h, i, j] * c.value[layer, b, h // (H / G), j, d])
        wo(reshape(o, B, T, D))
    }
}

model Block(D, H, G, F) {
    norm1     = RmsNorm(D)
    attention = Attention(D, H, G)
    norm2     = RmsNorm(D)
    gate      = Linear(D, F)
    up        = Linear(D, F)
    down      = Linear(F, D)

    fn call(x: f32[B, T, D], layer: int, var c: Cache(L, B, G, S, D / H)) -> f32[B, T, D] {
        let y = x + attention(norm1(x), layer, var c)
        let z = norm2(y)
        y + down(silu(gate(z)) * up(z))
    }
}

model Llama(V, L, D, H, G, F) {
    param embed: f32[V, D] ~ normal(0, 0.02)
    layers = [Block(D, H, G, F) for _ in 0..L]
    norm   = RmsNorm(D)

    ## Logits of the token after the last one given.
    fn call(tokens: i32[B, T], var c: Cache(L, B, G, S, D / H)) -> f32[B, V] where T >= 1 {
        var x[b, t, d] = embed[tokens[b, t], d]
        for l in 0..L { x = layers[l](x, l, var c) }
        c.len += T
        norm(x[:, -1]) @ embed.T
    }
}

## One step: the logits after `tokens`, which are added to the cache. T tokens fill it, one token decodes.
export fn step(net: Llama(V, L, D, H, G, F), tokens: i32[B, T], var c: Cache(L, B, G, S, D / H)) -> f32[B, V] where T >= 1 =
    net(tokens, var c)

## The most likely token of each row.
export fn choose(logits: f32[B, V]) -> i32[B] = greedy(logits)

## A token of each row, drawn from the smallest set of likely ones whose probability reaches `nucleus` (top-p, Holtzman et al. 2020).
export fn choose_drawn(logits: f32[B, V], key: Key; temperature = 1.0, nucleus = 0.9) -> i32[B] =
    draw(logits, key, temperature: temperature, nucleus: nucleus)

let folder = "examples/stories/"
let net = load(folder + "stories260K.bin") as Llama(_, _, _, 8, 4, _)
let words = tokenizer(folder + "tok512.bin")
let prompt = encode(words, args(1))
var cache = Cache(net.L, 1, net.G, 512, net.D / net.H)
var token = prompt[0]
for i in progress(0..200) {
    let logits = step(net, reshape(token, 1, 1), var cache)
    let next = if i + 1 < len(prompt) { prompt[i + 1] } else { greedy(logits)[0] }
    if next == 1 { break }                                # a text begins with token 1: another story
    print(decode(words, token, next), end: "")
    token = next
}
print("")
