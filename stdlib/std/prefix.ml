## Prefix-tuning and prompt-tuning: a model that stays as it is, steered by P learned rows before its keys and values in every layer (Li and
## Liang 2021), or before its token embeddings (Lester et al. 2021). Real tokens take the positions P, P + 1, ...; prefix keys are stored as
## they meet the queries, no rotation is applied to them. Batches are filled up with tokens whose `keep` is false: nobody sees these.
import std.nn: dense

# ---- tables: while training they may come from smaller ones; afterwards the table alone is kept

## w2 tanh(w1 e + b1) + b2 of each row (the reparametrisation of Li and Liang 2021, section 4.3): e [P, D], weights (out, in).
fn prefix_table(e: float[P, D], w1: float[K, D], b1: float[K], w2: float[N, K], b2: float[N]) -> float[P, N] =
    dense(tanh(dense(e, w1, b1)), w2, b2)

## Two hidden layers with relu (Liu et al. 2021, P-tuning): e [P, D], weights (out, in).
fn prompt_table(e: float[P, D], w1: float[K, D], b1: float[K], w2: float[K, K], b2: float[K], w3: float[N, K], b3: float[N]) -> float[P, N] =
    dense(relu(dense(relu(dense(e, w1, b1)), w2, b2)), w3, b3)

## The numbers of a row as keys and values of L layers with G heads of K: [2 L, G, P, K], keys of layer l at 2 l, its values at 2 l + 1.
fn prefix_split[L, G](table: float[P, 2 * L * G * K]) -> float[2 * L, G, P, K] {
    out[l, g, p, k] = table[p, (l * G + g) * K + k]
}

## The rows of the prompt before those of each sequence.
fn prompted(prompt: float[P, D], x: float[B, T, D]) -> float[B, P + T, D] = concat(prompt, x, axis: -2)

# ---- attention

## Causal attention with scale D^-0.5 in which every query also sees P keys and values of the prefix. q [B, H, T, D]; k and v [B, G, T, D];
## key and value [G, P, D].
fn prefix_attention(q: float[B, H, T, D], k: float[B, G, T, D], v: float[B, G, T, E], key: float[G, P, D], value: float[G, P, E],
                    keep: bool[B, T]) -> float[B, H, T, E] {
    let ks = concat(key, k, axis: -2)
    let vs = concat(value, v, axis: -2)
    let s[b, h, i, j] = sum[d](q[b, h, i, d] * ks[b, h // (H / G), j, d]) * D ^ -0.5
    let p[b, h, i, j] = softmax[j | j < P or (j <= i + P and (keep[b, j - P] ?? true))](s[b, h, i, j])
    out[b, h, i, e] = sum[j](p[b, h, i, j] * vs[b, h // (H / G), j, e])
}
