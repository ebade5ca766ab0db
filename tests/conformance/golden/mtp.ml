import std.nn: linear, embedding, rms_norm, swiglu
import std.attention: heads, joined, causal_attention
import std.heads: mtp_join, ahead_nll, mtp_loss
import std.draft: verify_rows, try_children, grown, best_nodes, renumbered, lineage

struct Block(D, F) {
    wq: f64[D, D]
    wk: f64[D, D]
    wv: f64[D, D]
    wo: f64[D, D]
    wg: f64[F, D]
    wu: f64[F, D]
    wd: f64[D, F]
    norm1: f64[D]
    norm2: f64[D]
}

## One layer without positions.
fn through[H](b: Block(D, F), x: f64[T, D]) -> f64[T, D] where D % H == 0 {
    let z = reshape(rms_norm(x, b.norm1), 1, T, D)
    let a = causal_attention(heads[H](linear(z, b.wq)), heads[H](linear(z, b.wk)), heads[H](linear(z, b.wv)))
    let y = x + linear(reshape(joined(a), T, D), b.wo)
    y + swiglu(rms_norm(y, b.norm2), b.wg, b.wu, b.wd)
}

struct Depth(D, F) {
    norm_h: f64[D]
    norm_e: f64[D]
    m: f64[D, 2 * D]
    final: f64[D]
    block: Block(D, F)
}

## Depth k at the rows that know a token k places on and have a label behind it: the state and the logits.
fn depth[H](d: Depth(D, F), k: int, h: f64[N, D], e: f64[M, D], head: f64[V, D], embedding_first: bool) -> (f64[N - 1, D], f64[N - 1, V])
        where N >= 1, 0 <= k, N + k <= M {
    let y = through[H](d.block, mtp_join(h[:N - 1], e[k : k + N - 1], d.norm_h, d.norm_e, d.m, embedding_first: embedding_first))
    (y, linear(rms_norm(y, d.final), head))
}

## K heads behind a trunk, each a layer and a norm; sums of losses.
fn parallel[H](tokens: i64[M], emb: f64[V, D], head: f64[V, D], trunk: Block(D, F), block: [Block(D, F); K], norm: f64[K, D])
        -> (f64[K], f64, f64[M - K, D]) where K <= M {
    let x[t: M - K, d] = emb[tokens[t], d]
    let h = through[H](trunk, x)
    var loss: f64[K] = 0
    for k in 0..K {
        let z = linear(rms_norm(through[H](block[k], h), norm[k]), head)
        loss[k] = ahead_nll(z, tokens, k + 1)
    }
    (loss, sum(loss), h)
}

## A tree drafted by a table of bigrams `lp`: `levels` levels, `top` nodes of each are expanded, `keep` nodes stay.
fn bigram_tree(lp: float[V, V], root: int, top: int, levels: int, keep: int)
        -> (i64[keep + 1], i64[keep + 1], i64[keep + 1], float[keep + 1], bool[keep + 1, keep + 1])
        where 1 <= top, top <= V, levels >= 1, 1 <= keep, keep <= top + (levels - 1) * top * top {
    let M = top + (levels - 1) * top * top
    var token: i64[M] = 0
    var parent: i64[M] = -1
    var score: float[M] = 0
    var front[i: top] = i
    let first[i: 1, v] = lp[root, v]
    let (t1, s1) = grown(zeros(1), first, top)
    token[:top] = t1
    score[:top] = s1
    for l in 1..levels {
        let from = top + (l - 1) * top * top
        let line[i: top, v] = lp[token[front[i]], v]
        let near[i: top] = score[front[i]]
        let (t, s) = grown(near, line, top)
        token[from : from + top * top] = t
        score[from : from + top * top] = s
        let up[i: top * top] = front[i // top]
        parent[from : from + top * top] = up
        let (_, best) = topk(s, top, axis: -1)
        front = from + best
    }
    let kept = best_nodes(score, keep)
    let up = renumbered(parent, kept)
    let sees = lineage(up)
    let word[n: keep + 1] = if n == 0 { root } else { token[kept[n - 1]] }
    let total[n: keep + 1] = if n == 0 { 0 } else { score[kept[n - 1]] }
    let depth[n] = count[m](sees[n, m]) - 1
    (word, up, depth, total, sees)
}
