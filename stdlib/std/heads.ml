## Heads that predict more than the next token: Medusa's, which all read the last hidden state; parallel heads behind a shared trunk
## (Gloeckle et al. 2024); and the depths of DeepSeek-V3 (2024), a chain that is told at each step the token it may know by then.
## What verifies their guesses is in std.draft.
import std.nn: Linear, RmsNorm, linear, rms_norm

# ---- Medusa (Cai et al. 2024)

## One residual block: x + silu(x w^T + b). A head is one or more of them, then a projection to the vocabulary.
fn medusa_block(x: float[.., D], w: float[D, D], b: float[D]) -> float[.., D] = x + silu(linear(x, w) + b)

## A head with one block.
model MedusaHead(D, V) {
    param weight: f32[D, D] = 0             # so a new head starts as the model's own
    param bias:   f32[D] = 0
    head = Linear(D, V)
    fn call(x: f32[.., D]) -> f32[.., V] = head(medusa_block(x, weight, bias))
}

## For K heads with logits [K, B, T, V], head k (from 0) at t against labels[b, t + 2 + k]: in nats, the mean over labels that are not
## negative.
fn medusa_losses(logits: float[K, B, T, V], labels: i64[B, T]) -> float[K] {
    let lp[k, b, t, v] = log_softmax[v](logits[k, b, t, v])
    out[k] = -mean[b, t: T | t + 2 + k < T and (labels[b, t + 2 + k] ?? -1) >= 0](lp[k, b, t, max(labels[b, t + 2 + k] ?? 0, 0)])
}

# ---- the chain of depths (DeepSeek-V3, section 2.2)

## What depth k reads at place i: m times [RMSNorm h_i; RMSNorm e_i], h from the depth before and e the embedding of the token k places on.
## The paper puts h first; published weights have the embedding first (`embedding_first`). h and e [.., D], m [D, 2 D] as (out, in).
fn mtp_join(h: float[.., D], e: float[.., D], norm_h: float[D], norm_e: float[D], m: float[D, 2 * D]; embedding_first = false,
            eps = 1e-6) -> float[.., D] {
    let a = rms_norm(h, norm_h, eps: eps)
    let b = rms_norm(e, norm_e, eps: eps)
    if embedding_first { linear(concat(b, a, axis: -1), m) } else { linear(concat(a, b, axis: -1), m) }
}

## One depth without its transformer block, which comes between `join` and the shared output head.
model MtpJoin(D) {
    norm_h = RmsNorm(D)
    norm_e = RmsNorm(D)
    join   = Linear(2 * D, D)
    fn call(h: f32[.., D], e: f32[.., D]) -> f32[.., D] = join(concat(norm_h(h), norm_e(e), axis: -1))
}

## -log p of tokens[i + ahead] at the rows i of `logits`, in nats, summed over the N rows: logits [N, V], tokens [M], N + ahead <= M.
fn ahead_nll(logits: float[N, V], tokens: i64[M], ahead: int) -> float where 0 <= ahead, N + ahead <= M {
    let lp[i, v] = log_softmax[v](logits[i, v])
    -sum[i](lp[i, tokens[i + ahead]])
}

## The loss of the main head and of K depths, main + weight / K sum_k depth_k (equation 25).
fn mtp_loss(main: float, depth: float[K], weight: real) -> float where K >= 1 = main + weight / K * sum(depth)
