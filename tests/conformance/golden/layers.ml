import std.attention: rope_at, rope_pairs_at, rope_part, alibi_slopes, linear_attention, linear_attention_elu, retention, gated_delta_rule
import std.nn: layer_norm, rms_norm, group_norm, group_norm_2d, swiglu, geglu, geglu_tanh, reglu, mish, relu2, hardswish, conv1d
import std.nn: conv2d, conv_transpose1d, causal_conv1d, lstm, gru, affine_scan, selective_scan, route, route_groups, experts, embedding
import std.nn: linear
import std.losses: cross_entropy, cross_entropy_smooth, cross_entropy_weighted, cross_entropy_soft, z_loss, focal, mse, l1, huber
import std.losses: smooth_l1, bce_logits
import std.sample: keep_top, keep_nucleus, keep_likely, kept, pick

## The experts, then their weights.
fn grouped(x: float[N, E], b: float[E], g: int, t: int, k: int, s: real) -> (i64[N, k], float[N, k])
        where E % g == 0, g >= 1, E // g >= 2, 1 <= t, t <= g, 1 <= k, k <= E {
    let (w, p) = route_groups(x, b, g, t, k, s)
    (p, w)
}

## A mixture of experts with its two losses.
fn moe[K](x: float[N, D], router: float[E, D], gate: float[E, F, D], up: float[E, F, D], down: float[E, D, F], normalise: bool)
        where 1 <= K, K <= E {
    let (w, p, b, z, n) = route(linear(x, router), K, normalise)
    (experts(x, w, p, gate, up, down), b, z, p, n)
}

## Layout [B, T, H, d].
fn delta_rule(q: float[B, T, H, K], k: float[B, T, H, K], v: float[B, T, H, D], l: float[B, T, H], b: float[B, T, H], scale: real)
        where T >= 1 {
    let (o, s) = gated_delta_rule(permute(q, 0, 2, 1, 3), permute(k, 0, 2, 1, 3), permute(v, 0, 2, 1, 3),
                                  permute(l, 0, 2, 1), permute(b, 0, 2, 1), scale)
    (permute(o, 0, 2, 1, 3), s)
}

## Masks, probabilities and draws under three rules.
fn choose(x: float[N, V], u: float[N], top: int, nucleus: real, least: real) {
    let (a, b, c) = (keep_top(x, top), keep_nucleus(x, nucleus), keep_likely(x, least))
    let (p, q, r) = (kept(x, a), kept(x, b), kept(x, c))
    (a, b, c, p, q, r, pick(softmax(x, axis: -1), u), pick(q, u), pick(p, u))
}
