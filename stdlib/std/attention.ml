## Attention, in three layers. *Scores* are made by `scores` and changed by `softcap`, `alibi` or plain arithmetic (a bias is added);
## `attend...` turns scores and values into the result and the log-sum-exp of each row, under one visibility rule; the functions at
## the end take q, k and v with the usual scale. Layout: q [B, H, T, D], k and v [B, G, S, D]; query head h reads key head
## h // (H / G), so G = H is plain, G = 1 multi-query attention (Shazeer 2019; Ainslie et al. 2023). Query i stands at key position
## i + S - T. A row that sees nothing gives 0, and -inf as its log-sum-exp.

# ---- heads and positions

## [.., T, H * K] seen as H heads of K.
fn heads[H](x: float[.., T, H * K]) -> float[.., H, T, K] {
    out[.., h, t, k] = x[.., t, h * K + k]
}

## The inverse of `heads`: [.., H, T, K] as [.., T, H * K].
fn joined(x: float[.., H, T, K]) -> float[.., T, H * K] {
    out[.., t, c: H * K] = x[.., c // K, t, c % K]
}

## Rotates the pair (k, k + K/2) by its position times theta^(-2k/K) (Su et al. 2021, in the order of GPT-NeoX). Where each row b of a
## batch has positions of its own: `let y[b, ..] = rope(x[b], position[b])`.
fn rope(x: float[.., T, K], position: i64[T]; theta = 10000.0) -> float[.., T, K] {
    let f[k: K / 2]: float = theta ^ (-2 * k / K)
    let a[t, k] = position[t] * f[k]
    let (u, v) = (x[.., :K / 2], x[.., K / 2:])
    concat(u * cos(a) - v * sin(a), v * cos(a) + u * sin(a), axis: -1)
}

## The same rotation of the neighbours (2k, 2k + 1), the order of the paper.
fn rope_pairs(x: float[.., T, K], position: i64[T]; theta = 10000.0) -> float[.., T, K] where K % 2 == 0 {
    let f[k: K / 2]: float = theta ^ (-2 * k / K)
    let a[t, k] = position[t] * f[k]
    let (c, s) = (cos(a), sin(a))
    out[.., t, k] = if k % 2 == 0 { x[.., t, k] * c[t, k // 2] - x[.., t, k + 1] * s[t, k // 2] }
                    else { x[.., t, k] * c[t, k // 2] + x[.., t, k - 1] * s[t, k // 2] }
}

## `rope` at the positions start, start + 1, ...
fn rope_at(x: float[.., T, K], start: int; theta = 10000.0) -> float[.., T, K] where K % 2 == 0 {
    let p[t: T] = start + t
    rope(x, p, theta: theta)
}

## `rope_pairs` at the positions start, start + 1, ...
fn rope_pairs_at(x: float[.., T, K], start: int; theta = 10000.0) -> float[.., T, K] where K % 2 == 0 {
    let p[t: T] = start + t
    rope_pairs(x, p, theta: theta)
}

## Rotates the first R of K components only (half-split inside them), from position `start`; the rest passes.
fn rope_part(x: float[.., T, K], start: int, R: int; theta = 10000.0) -> float[.., T, K] where 0 <= R, R <= K, R % 2 == 0 =
    concat(rope_at(x[.., :R], start, theta: theta), x[.., R:], axis: -1)

## The slope of each of n heads (Press et al. 2022): 2^(-8 (h + 1) / n) for n a power of two; otherwise those of the largest power below,
## then every second one of the next power.
fn alibi_slopes(n: int) -> f64[n] where n >= 1 {
    let below = f64(2) ^ floor(log(n + 0.5) / log(2.0))
    out[h] = if h < below { f64(2) ^ (-8 * (h + 1) / below) } else { f64(2) ^ (-4 * (2 * (h - below) + 1) / below) }
}

# ---- scores

## scale q k^T of grouped heads: [B, H, T, S].
fn scores(q: float[B, H, T, D], k: float[B, G, S, D], scale: real) -> float[B, H, T, S] {
    out[b, h, i, j] = sum[d](q[b, h, i, d] * k[b, h // (H / G), j, d]) * scale
}

## Keeps scores inside (-cap, cap) smoothly (Gemma 2).
fn softcap(s: float[B, H, T, S], cap: real) -> float[B, H, T, S] = cap * tanh(s / cap)

## True for every score: `mask == everywhere(q, k)` stretches a mask of smaller rank, or with axes of 1, to [B, H, T, S].
fn everywhere(q: float[B, H, T, D], k: float[B, G, S, D]) -> bool[B, H, T, S] {
    out[b, h, i, j] = true
}

## Subtracts slope[h] times the distance of key and query (Press et al. 2022).
fn alibi(s: float[B, H, T, S], slope: float[H]) -> float[B, H, T, S] {
    out[b, h, i, j] = s[b, h, i, j] - slope[h] * abs(i + S - T - j)
}

# ---- from scores to values: the result and the log-sum-exp of each row

## Weights times values, for grouped heads.
fn mix(p: float[B, H, T, S], v: float[B, G, S, E]) -> float[B, H, T, E] {
    out[b, h, i, e] = sum[j](p[b, h, i, j] * v[b, h // (H / G), j, e])
}

## Every query sees every key.
fn attend(s: float[B, H, T, S], v: float[B, G, S, E]) -> (float[B, H, T, E], float[B, H, T]) {
    let p[b, h, i, j] = softmax[j](s[b, h, i, j])
    let l[b, h, i] = logsumexp[j](s[b, h, i, j])
    (mix(p, v), l)
}

## Query i of row b and head h sees the keys j where sees(b, h, i, j) is true; `sees` may read variables of the place where it is
## written: attend_where(s, v, fn(b, _, i, j) = j <= i and document[b, i] == document[b, j]).
fn attend_where(s: float[B, H, T, S], v: float[B, G, S, E], sees: fn) -> (float[B, H, T, E], float[B, H, T]) {
    let p[b, h, i, j] = softmax[j | sees(b, h, i, j)](s[b, h, i, j])
    let l[b, h, i] = logsumexp[j | sees(b, h, i, j)](s[b, h, i, j])
    (mix(p, v), l)
}

## Query i sees keys j with i + S - T - left <= j <= i + S - T + right; -1 is no bound on that side.
## left -1 and right 0 is causal attention aligned at the last key; right 0 a sliding window (Beltagy et al. 2020).
fn attend_window(s: float[B, H, T, S], v: float[B, G, S, E], left: int, right: int) -> (float[B, H, T, E], float[B, H, T]) {
    attend_where(s, v, fn(_, _, i, j) = (left < 0 or i + S - T - left <= j) and (right < 0 or j <= i + S - T + right))
}

## Query i sees keys j <= i + S - T: with a cache of earlier keys, all that is not in its future.
fn attend_causal(s: float[B, H, T, S], v: float[B, G, S, E]) -> (float[B, H, T, E], float[B, H, T]) {
    attend_where(s, v, fn(_, _, i, j) = j <= i + S - T)
}

## Query i sees keys j <= i: aligned at the first key.
fn attend_top_left(s: float[B, H, T, S], v: float[B, G, S, E]) -> (float[B, H, T, E], float[B, H, T]) {
    attend_where(s, v, fn(_, _, i, j) = j <= i)
}

## `keep` says what is seen, for each batch row, head, query and key.
fn attend_masked(s: float[B, H, T, S], v: float[B, G, S, E], keep: bool[B, H, T, S]) -> (float[B, H, T, E], float[B, H, T]) {
    attend_where(s, v, fn(b, h, i, j) = keep[b, h, i, j])
}

## The first length[b] keys are seen: a cache that is filled unequally, or sources of unequal length.
fn attend_length(s: float[B, H, T, S], v: float[B, G, S, E], length: i64[B]) -> (float[B, H, T, E], float[B, H, T]) {
    attend_where(s, v, fn(b, _, _, j) = j < length[b])
}

## Packed documents: a query sees keys of its own document.
fn attend_document(s: float[B, H, T, T], v: float[B, G, T, E], document: i64[B, T]) -> (float[B, H, T, E], float[B, H, T]) {
    attend_where(s, v, fn(b, _, i, j) = document[b, i] == document[b, j])
}

## Packed documents, causal inside each.
fn attend_document_causal(s: float[B, H, T, T], v: float[B, G, T, E], document: i64[B, T]) -> (float[B, H, T, E], float[B, H, T]) {
    attend_where(s, v, fn(b, _, i, j) = j <= i and document[b, i] == document[b, j])
}

## Prefix language model (Raffel et al. 2020): the first prefix[b] keys are seen by all, the rest is causal.
fn attend_prefix(s: float[B, H, T, S], v: float[B, G, S, E], prefix: i64[B]) -> (float[B, H, T, E], float[B, H, T]) {
    attend_where(s, v, fn(b, _, i, j) = j <= i + S - T or j < prefix[b])
}

## Causal, with a sink: one more logit for each head that takes weight and gives no value (Xiao et al. 2024; gpt-oss).
fn attend_sink(s: float[B, H, T, S], v: float[B, G, S, E], sink: float[H]) -> (float[B, H, T, E], float[B, H, T]) {
    let (o, l) = attend_causal(s, v)
    let all[b, h, i] = if max(l[b, h, i], sink[h]) == -inf { -inf } else { max(l[b, h, i], sink[h]) + log1p(exp(-abs(l[b, h, i] - sink[h]))) }
    let left[b, h, i, e] = if l[b, h, i] == -inf { 0 } else { o[b, h, i, e] * sigmoid(l[b, h, i] - sink[h]) }
    (left, all)
}

## Neighbourhood attention on a line (Hassani et al. 2023): each query sees `width` keys around it; at the borders the window is
## moved inside, not cut.
fn attend_near(s: float[B, H, T, T], v: float[B, G, T, E], width: int) -> (float[B, H, T, E], float[B, H, T]) where width >= 1, width <= T {
    let first[i: T] = clip(i - width // 2, 0, T - width)
    attend_where(s, v, fn(_, _, i, j) = first[i] <= j < first[i] + width)
}

## `attend_window` with dropout: weights that `keep` keeps are divided by 1 - rate, the others are 0; the normaliser and the log-sum-exp
## are those without dropout.
fn attend_dropout(s: float[B, H, T, S], v: float[B, G, S, E], left: int, right: int, keep: bool[B, H, T, S], rate: real)
        -> (float[B, H, T, E], float[B, H, T]) {
    let p[b, h, i, j] = softmax[j | (left < 0 or i + S - T - left <= j) and (right < 0 or j <= i + S - T + right)](s[b, h, i, j])
    let l[b, h, i] = logsumexp[j | (left < 0 or i + S - T - left <= j) and (right < 0 or j <= i + S - T + right)](s[b, h, i, j])
    let d[b, h, i, j] = if keep[b, h, i, j] { p[b, h, i, j] / (1 - rate) } else { 0 }
    (mix(d, v), l)
}

## Causal attention in C - 1 parts: part c covers the keys cut[c] to cut[c + 1] - 1, for `merged`.
fn attend_parts(s: float[B, H, T, S], v: float[B, G, S, E], cut: i64[C]) -> (float[C - 1, B, H, T, E], float[C - 1, B, H, T]) where C >= 1 {
    let p[c: C - 1, b, h, i, j] = softmax[j | cut[c] <= j < cut[c + 1] and j <= i + S - T](s[b, h, i, j])
    let l[c: C - 1, b, h, i] = logsumexp[j | cut[c] <= j < cut[c + 1] and j <= i + S - T](s[b, h, i, j])
    let o[c, b, h, i, e] = sum[j](p[c, b, h, i, j] * v[b, h // (H / G), j, e])
    (o, l)
}

## One result from P parts over disjoint keys (Dao et al. 2023, split keys and values): sum_p exp(lse_p - lse) out_p. A part that saw
## nothing has lse -inf and no weight.
fn merged(part: float[P, B, H, T, E], lse: float[P, B, H, T]) -> (float[B, H, T, E], float[B, H, T]) {
    let l[b, h, i] = logsumexp[p](lse[p, b, h, i])
    let w[p, b, h, i] = if lse[p, b, h, i] == -inf { 0 } else { exp(lse[p, b, h, i] - l[b, h, i]) }
    let o[b, h, i, e] = sum[p](w[p, b, h, i] * part[p, b, h, i, e])
    (o, l)
}

# ---- q, k and v with the scale D^-0.5

## Every query sees every key.
fn attention(q: float[B, H, T, D], k: float[B, G, S, D], v: float[B, G, S, E]) -> float[B, H, T, E] {
    let (o, _) = attend(scores(q, k, D ^ -0.5), v)
    o
}

## Query i of row b and head h sees the keys j where sees(b, h, i, j) is true; `score` changes each score: a bias, a slope, a cap.
fn attention_where(q: float[B, H, T, D], k: float[B, G, S, D], v: float[B, G, S, E], sees: fn; score: fn = fn(x, _, _, _, _) = x)
        -> float[B, H, T, E] {
    let raw = scores(q, k, D ^ -0.5)
    let s[b, h, i, j] = score(raw[b, h, i, j], b, h, i, j)
    let (o, _) = attend_where(s, v, sees)
    o
}

## Query i sees keys j <= i + S - T.
fn causal_attention(q: float[B, H, T, D], k: float[B, G, S, D], v: float[B, G, S, E]) -> float[B, H, T, E] {
    let (o, _) = attend_causal(scores(q, k, D ^ -0.5), v)
    o
}

## Causal, and no further back than `window` keys, the query's own included.
fn sliding_attention(q: float[B, H, T, D], k: float[B, G, S, D], v: float[B, G, S, E], window: int) -> float[B, H, T, E] {
    let (o, _) = attend_window(scores(q, k, D ^ -0.5), v, window - 1, 0)
    o
}

## Neighbourhood attention on a grid (Hassani et al. 2023): q [B, H, Y, X, D], k and v [B, G, Y, X, D]; the query at (y, x) sees the
## height x width keys around it; at the borders the window is moved inside, not cut. Scores take Y X height width numbers a head.
fn near_attention2d(q: float[B, H, Y, X, D], k: float[B, G, Y, X, D], v: float[B, G, Y, X, E], height: int, width: int) -> float[B, H, Y, X, E]
        where 1 <= height, height <= Y, 1 <= width, width <= X {
    let s[b, h, y, x, i: height, j: width] =
        sum[d](q[b, h, y, x, d] * k[b, h // (H / G), clip(y - height // 2, 0, Y - height) + i, clip(x - width // 2, 0, X - width) + j, d]) / sqrt(D)
    let p[b, h, y, x, i, j] = softmax[i, j](s[b, h, y, x, i, j])
    out[b, h, y, x, e] =
        sum[i, j](p[b, h, y, x, i, j] * v[b, h // (H / G), clip(y - height // 2, 0, Y - height) + i, clip(x - width // 2, 0, X - width) + j, e])
}

## Sources of unequal length: batch row b has length[b] keys (Bahdanau et al. 2015; Vaswani et al. 2017).
fn cross_attention(q: float[B, H, T, D], k: float[B, G, S, D], v: float[B, G, S, E], length: i64[B]) -> float[B, H, T, E] {
    let (o, _) = attend_length(scores(q, k, D ^ -0.5), v, length)
    o
}

## Latent attention (DeepSeek-V2, 2024), in the absorbed form: keys and values are the same C numbers for each position; `up_key` and
## `up_value` would unfold them for each head, and are applied to the query and to the result instead. `q_rope` and `k_rope` carry the
## rotary part, one key part for all heads. Causal; scale (D + R)^-0.5.
fn latent_attention(q: float[B, H, T, D], q_rope: float[B, H, T, R], latent: float[B, S, C], k_rope: float[B, S, R],
                    up_key: float[H, D, C], up_value: float[H, E, C]) -> float[B, H, T, E] {
    let folded[b, h, i, c] = sum[d](q[b, h, i, d] * up_key[h, d, c])
    let s[b, h, i, j] = (sum[c](folded[b, h, i, c] * latent[b, j, c]) + sum[r](q_rope[b, h, i, r] * k_rope[b, j, r])) * (D + R) ^ -0.5
    let p[b, h, i, j] = softmax[j | j <= i + S - T](s[b, h, i, j])
    let o[b, h, i, c] = sum[j](p[b, h, i, j] * latent[b, j, c])
    out[b, h, i, e] = sum[c](o[b, h, i, c] * up_value[h, e, c])
}

# ---- a matrix state instead of a cache

## Linear attention without feature map, normaliser or scale (Katharopoulos et al. 2020): S_t = S_(t-1) + k_t v_t^T, y_t = S_t^T q_t.
fn linear_attention(q: float[B, H, T, K], k: float[B, H, T, K], v: float[B, H, T, D]) -> float[B, H, T, D] {
    rec s[b, h, t, i, j] = (s[b, h, t - 1, i, j] ?? 0) + k[b, h, t, i] * v[b, h, t, j]
    out[b, h, t, j] = sum[i](q[b, h, t, i] * s[b, h, t, i, j])
}

## The same from a state on, so that a sequence may come in pieces: returns y and the state behind them, which is `state` itself where T = 0.
## Pieces of any lengths give the bits of the whole.
fn linear_attention_from(q: float[B, H, T, K], k: float[B, H, T, K], v: float[B, H, T, D], state: float[B, H, K, D])
    -> (float[B, H, T, D], float[B, H, K, D]) {
    rec s[b, h, t, i, j] = (s[b, h, t - 1, i, j] ?? state[b, h, i, j]) + k[b, h, t, i] * v[b, h, t, j]
    let y[b, h, t, j] = sum[i](q[b, h, t, i] * s[b, h, t, i, j])
    let last[b, h, i, j] = s[b, h, T - 1, i, j] ?? state[b, h, i, j]
    (y, last)
}

## The same with the feature map elu(x) + 1, which is e^x below 0, and its normaliser.
fn linear_attention_elu(q: float[B, H, T, K], k: float[B, H, T, K], v: float[B, H, T, D]) -> float[B, H, T, D] {
    let (f, g) = (_elu_and_1(q), _elu_and_1(k))
    rec {
        s[b, h, t, i, j] = (s[b, h, t - 1, i, j] ?? 0) + g[b, h, t, i] * v[b, h, t, j]
        z[b, h, t, i]    = (z[b, h, t - 1, i] ?? 0) + g[b, h, t, i]
    }
    out[b, h, t, j] = sum[i](f[b, h, t, i] * s[b, h, t, i, j]) / sum[i](f[b, h, t, i] * z[b, h, t, i])
}

@elementwise fn _elu_and_1(x: float) -> float = if x > 0 { x + 1 } else { exp(x) }

## Retention, and Mamba-2's scalar gate (Sun et al. 2023; Dao and Gu 2024): S_t = exp(log_decay_t) S_(t-1) + k_t v_t^T.
fn retention(q: float[B, H, T, K], k: float[B, H, T, K], v: float[B, H, T, D], log_decay: float[B, H, T]) -> float[B, H, T, D] {
    rec s[b, h, t, i, j] = exp(log_decay[b, h, t]) * (s[b, h, t - 1, i, j] ?? 0) + k[b, h, t, i] * v[b, h, t, j]
    out[b, h, t, j] = sum[i](q[b, h, t, i] * s[b, h, t, i, j])
}

## Retention from a state on: returns y and the state behind the T tokens; T = 1 is a step of decoding.
fn retention_from(q: float[B, H, T, K], k: float[B, H, T, K], v: float[B, H, T, D], log_decay: float[B, H, T], state: float[B, H, K, D])
    -> (float[B, H, T, D], float[B, H, K, D]) {
    rec s[b, h, t, i, j] = exp(log_decay[b, h, t]) * (s[b, h, t - 1, i, j] ?? state[b, h, i, j]) + k[b, h, t, i] * v[b, h, t, j]
    let y[b, h, t, j] = sum[i](q[b, h, t, i] * s[b, h, t, i, j])
    let last[b, h, i, j] = s[b, h, T - 1, i, j] ?? state[b, h, i, j]
    (y, last)
}

## The gated delta rule (Yang et al. 2024): the state fades, then writes only what it does not hold yet.
## S = exp(log_decay) S, u = beta (v - S^T k), S += k u^T, y = S^T q scale. Returns y and the last state.
fn gated_delta_rule(q: float[B, H, T, K], k: float[B, H, T, K], v: float[B, H, T, D], log_decay: float[B, H, T], beta: float[B, H, T],
                    scale: real) -> (float[B, H, T, D], float[B, H, K, D]) where T >= 1 {
    rec {
        faded[b, h, t, i, j] = exp(log_decay[b, h, t]) * (s[b, h, t - 1, i, j] ?? 0)
        known[b, h, t, j]    = sum[i](k[b, h, t, i] * faded[b, h, t, i, j])
        s[b, h, t, i, j]     = faded[b, h, t, i, j] + beta[b, h, t] * k[b, h, t, i] * (v[b, h, t, j] - known[b, h, t, j])
    }
    let y[b, h, t, j] = sum[i](q[b, h, t, i] * s[b, h, t, i, j]) * scale
    (y, s[:, :, -1])
}
