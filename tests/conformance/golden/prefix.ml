import std.nn: linear, dense, embedding, layer_norm, rms_norm, swiglu
import std.attention: heads, joined, rope_at
import std.prefix: prefix_table, prompt_table, prefix_split, prompted, prefix_attention
import std.losses: next_token

struct Gpt(D, F) {
    norm1: f64[D]
    bias1: f64[D]
    qkv: f64[D, 3 * D]
    qkv_bias: f64[3 * D]
    proj: f64[D, D]
    proj_bias: f64[D]
    norm2: f64[D]
    bias2: f64[D]
    up: f64[D, F]
    up_bias: f64[F]
    down: f64[F, D]
    down_bias: f64[D]
}

## GPT-2 from embeddings to the last norm; kv [2 L, H, P, D / H] stands before the keys and values.
fn gpt[H](layer: [Gpt(D, F); L], x: f64[B, T, D], kv: f64[2 * L, H, P, D / H], keep: bool[B, T], w: f64[D], b: f64[D]; eps = 1e-5) -> f64[B, T, D] {
    var y = x
    for l in 0..L {
        let a = layer[l]
        let z = layer_norm(y, a.norm1, a.bias1, eps: eps) @ a.qkv + a.qkv_bias
        let (q, k, v) = (heads[H](z[.., :D]), heads[H](z[.., D : 2 * D]), heads[H](z[.., 2 * D:]))
        let o = prefix_attention(q, k, v, kv[2 * l], kv[2 * l + 1], keep)
        let u = y + joined(o) @ a.proj + a.proj_bias
        y = u + gelu_tanh(layer_norm(u, a.norm2, a.bias2, eps: eps) @ a.up + a.up_bias) @ a.down + a.down_bias
    }
    layer_norm(y, w, b, eps: eps)
}

struct Llama(D, G, F) {
    norm1: f64[D]
    wq: f64[D, D]
    wk: f64[G, D]
    wv: f64[G, D]
    wo: f64[D, D]
    norm2: f64[D]
    gate: f64[F, D]
    up: f64[F, D]
    down: f64[D, F]
}

## The same for Llama, with rotary positions that begin at `start`.
fn llama[H, G](layer: [Llama(D, G * (D / H), F); L], x: f64[B, T, D], kv: f64[2 * L, G, P, D / H], keep: bool[B, T], w: f64[D], start: int;
               eps = 1e-6, theta = 10000.0) -> f64[B, T, D] where D // H % 2 == 0 {
    var y = x
    for l in 0..L {
        let a = layer[l]
        let z = rms_norm(y, a.norm1, eps: eps)
        let q = rope_at(heads[H](linear(z, a.wq)), start, theta: theta)
        let k = rope_at(heads[G](linear(z, a.wk)), start, theta: theta)
        let o = prefix_attention(q, k, heads[G](linear(z, a.wv)), kv[2 * l], kv[2 * l + 1], keep)
        let u = y + linear(joined(o), a.wo)
        y = u + swiglu(rms_norm(u, a.norm2, eps: eps), a.gate, a.up, a.down)
    }
    rms_norm(y, w, eps: eps)
}

## Logits, and the mean loss of real tokens that follow a real token: S rows of a prompt stand before them.
fn judged(y: f64[B, S + T, D], head: f64[V, D], ids: i64[B, T], keep: bool[B, S + T]) -> (f64[B, S + T, V], f64) where T >= 1 {
    let z = linear(y, head)
    let label[b, t: T] = if keep[b, S + t] { ids[b, t] } else { -1 }
    (z, next_token(z[:, S:], label))
}
